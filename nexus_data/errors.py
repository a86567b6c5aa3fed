"""Errors a person is meant to read: each names the file, the record or the setting, and says what to do."""


class NexusError(Exception):
    """Base of every error whose message is for the user; the command line prints it without a traceback."""


class SettingError(NexusError):
    """A setting (environment variable) has a value that cannot be used."""


class ContractError(NexusError):
    """A contract file is wrong; the message names file, key and reason."""


class FileError(NexusError):
    """A landed file cannot be taken at all (it vanished, it is a folder, it expands beyond the limit)."""


class ServiceError(NexusError):
    """Postgres or Redis/Valkey cannot be started or reached."""


class RunError(NexusError):
    """A run cannot go on: it would not balance, another run holds the home, the disk is full."""


class QuarantineError(NexusError):
    """Quarantine cannot be asked or corrected so; the message names each filter, or line and field, and the reason."""


class MartError(NexusError):
    """A mart's SQL file is wrong; the message names the file and says why."""


class TokenError(NexusError):
    """A bearer token cannot be accepted; the message says why and never repeats the token."""


class PersonError(NexusError):
    """Nothing can be decided about such a person: no user has that email or id, or there is no such role."""


class PasswordError(NexusError):
    """A password that cannot be taken; the message never repeats it."""


class SignInError(NexusError):
    """An email and a password that do not go together, whatever of both is wrong: the message is always the same."""


class SessionError(NexusError):
    """A refresh token that is not taken: unknown, expired, used before, or of a session that was ended."""


class BusyError(NexusError):
    """More is asked than can be done now; `seconds` says when to ask again."""

    def __init__(self, message: str, *, seconds: int = 1) -> None:
        super().__init__(message)
        self.seconds = seconds


class TooManyError(BusyError):
    """One asker asks more than its share."""


class UnseenError(NexusError):
    """Somebody's data were asked for that the asker may not see, or nobody's: the message never says which."""


class TraceError(NexusError):
    """A row or a cell that is to be traced is not there, or cannot be asked for so; the message says what would be."""


class StaleCursorError(TraceError):
    """The pages of an answer are of an earlier generation than the one that is current now."""


class QuestionError(NexusError):
    """A question about published data that cannot be asked so (a column that is not there, a bad cursor)."""


class VerifyError(NexusError):
    """What is published is not what the raw files say; the message names the first difference."""


class HoldError(NexusError):
    """A hold cannot be made or lifted so; the message says what would be accepted."""


class NotThereError(NexusError):
    """What is asked for is not there, or is not for the one who asks: the two are told alike."""


class ConflictError(NexusError):
    """What is asked for contradicts what was asked before, or what has happened since."""


class TooLargeError(NexusError):
    """More is sent at once than is taken; the message says how much is."""


class BackupError(NexusError):
    """A backup cannot be made, or a folder is not one that can be restored."""


class NotAllowedError(NexusError):
    """Somebody asks for what only other roles may ask for; the message names them."""


class ReportError(NexusError):
    """A report cannot be made so: a period, a user or a format that cannot be; the message says what can be."""
