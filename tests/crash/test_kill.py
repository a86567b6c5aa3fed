"""kill -9 at named steps and at random moments: run again, and what is published is what it would have been.

`uv run pytest tests/crash --kills 200` kills as many times, `--crash-seed` draws other moments, `--scene` keeps to one
of the scenes, and a failure prints the `--moment` that repeats it.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from os import kill
from signal import SIGKILL

from tests.crash.installations import Installation, Installations
from tests.crash.moments import Moment, draw
from tests.crash.readers import Answers, asking, merged
from tests.crash.scenes import SCENES, Step
from tests.crash.zygote import Ended


def test_kill(planned: str, crash_seed: str, scenes: list[str], installations: Installations) -> None:
    scene, _, text = planned.partition(": ")
    if text:
        assert _killed(installations, scene, Moment.of(text)).reached, "that does not happen any more: name what does"
        return
    chance = random.Random(f"{crash_seed} {planned}")  # noqa: S311 - nothing to guess here
    scene = chance.choice(scenes)
    _killed(installations, scene, draw(installations.after(*SCENES[scene]).moments, chance))


def _killed(installations: Installations, scene: str, moment: Moment) -> Ended:
    steps = SCENES[scene]
    installations.after(*steps)  # before the clock of this one's readers starts
    with installations.at(*steps[:-1]) as here:
        try:
            with asking(here.services) as answers:
                job = here.job(steps[-1], moment=str(moment), act="kill" if moment.delay is None else "tell")
                ended = installations.zygote.carry_out(job, meanwhile=after(moment))
                again = installations.zygote.carry_out(here.job(steps[-1]))
            problems = _errors(ended, again) or problems_of(installations, here, steps, answers)
        except Exception as error:
            error.add_note(_how_to_repeat(scene, moment))
            raise
    if problems and installations.forget_yesterday():
        return _killed(installations, scene, moment)
    assert not problems, "\n".join([*problems, _how_to_repeat(scene, moment)])
    return ended


def after(moment: Moment) -> Callable[[int], None]:
    """Kill a process so long after its moment."""

    def end(process: int) -> None:
        time.sleep((moment.delay or 0) / 1000)
        with suppress(ProcessLookupError):
            kill(process, SIGKILL)

    return end


def _errors(ended: Ended, again: Ended) -> list[str]:
    said = {"the killed run": ended.error, "the next": again.error}
    return [f"{run} said {error}" for run, error in said.items() if error]


def problems_of(
    installations: Installations, here: Installation, steps: tuple[Step, ...], answers: Answers
) -> list[str]:
    """What is not as steps without a kill make it: the last step done once, or twice when it died after its commit."""
    state = here.state()
    lives = [installations.after(*steps[:-1]), installations.after(*steps)]
    if state.generation > lives[-1].state.generation:
        lives.append(installations.after(*steps, steps[-1]))
    expected = merged(life.answers for life in lives)
    return [
        *state.differences(lives[-1].state),
        *state.cache_differences(lives[-1].state),
        *answers.contradictions(expected),
    ]


def _how_to_repeat(scene: str, moment: Moment) -> str:
    return f"repeat: uv run pytest tests/crash/test_kill.py --moment '{scene}: {moment}'"
