"""trials: lists the trials of a run, or shows one in full. The results of a whole run are in reading."""

from __future__ import annotations

from rich.text import Text

from adrs.cli.arguments import Json, RunName, StoreUrl, opened
from adrs.cli.scoring import WORST_SHOWN
from adrs.cli.terminal import number, one_line, out, say_json, show_program, span, table
from adrs.core.trial import Trial


def trials(run: RunName, json: Json = False, store: StoreUrl = "sqlite:///adrs.db") -> None:
    """List the trials of a run: scores, authors, fouls, parents.

    Examples:

      adrs trials last

      adrs trials spot-single-region-1 --json
    """
    from adrs import analysis

    stored = opened(store).run(run)
    listed = list(stored.trials())
    if json:
        say_json([analysis.trial_line(trial) for trial in listed])
        return
    cells = [
        (
            trial.number,
            number(trial.score),
            number(trial.evaluation.validation),
            one_line(trial.candidate.author, 40),
            ", ".join(map(str, trial.candidate.parents)),
            _in_a_line(trial),
        )
        for trial in listed
    ]
    out.print(table(["trial", "train", "validation", "author", "parents", "foul or note"], cells))


def _in_a_line(trial: Trial) -> str:
    """The foul; without a foul the note, and where evaluation stopped early."""
    evaluation = trial.evaluation
    if evaluation.foul is not None:
        return one_line(str(evaluation.foul), 200)
    early = f"stopped after {evaluation.stopped} at {number(evaluation.partial)}; " if evaluation.stopped else ""
    return early + one_line(trial.candidate.note, 200)


def show_trial(run: str, trial: Trial, json: bool) -> None:
    """Print one trial in full: `adrs show RUN N`."""
    from adrs import analysis

    if json:
        say_json(analysis.trial_page(run, trial))
        return
    candidate, evaluation = trial.candidate, trial.evaluation
    scores = f"{number(trial.score)} on train, {number(evaluation.validation)} on validation"
    out.say(f"{run}, trial {trial.number}: {scores}", "bold")
    if evaluation.stopped:
        out.say(f"stopped early after {evaluation.stopped}, at {number(evaluation.partial)}: it could no longer compete")
    if evaluation.foul is not None:
        out.say(f"foul: {one_line(str(evaluation.foul), 2_000)}", "bold red")
    parents = ", ".join(map(str, candidate.parents)) or "none"
    niche = f"; niche {one_line(candidate.niche)}" if candidate.niche else ""
    by = f"{candidate.author} ({', '.join(candidate.operators)})" if candidate.operators else candidate.author
    out.say(f"{candidate.phase}, by {one_line(by)}; parents: {parents}{niche}")
    out.say(f"note: {one_line(candidate.note, 2_000) or 'none'}")
    out.print(Text("\nprogram", "bold"))
    if candidate.source:
        show_program(candidate.source)
    else:
        out.say(f"no program in the reply: see `adrs prompt {run} {trial.number}`")
    _show_worst(trial)
    _show_cost(trial)


def _show_worst(trial: Trial) -> None:
    """Print the lowest-scoring train workloads with the referee's feedback."""
    verdicts = trial.evaluation.verdicts("train")
    if not verdicts:
        return
    shown = sorted(verdicts.items(), key=lambda pair: pair[1].score)[:WORST_SHOWN]
    out.print(Text(f"\nlowest-scoring {len(shown)} of {len(verdicts)} train workloads", "bold"))
    for name, verdict in shown:
        metrics = [f"{metric} {_metric(value)}" for metric, value in verdict.metrics.items()]
        out.say(f"{name}: {number(verdict.score)}{'; ' if metrics else ''}{', '.join(metrics)}", "cyan")
        if verdict.feedback:
            out.written(verdict.feedback, "dim")


def _metric(value: float | str) -> str:
    return one_line(value) if isinstance(value, str) else number(value)


def _show_cost(trial: Trial) -> None:
    """Print what it cost to write and to play the program."""
    spend, evaluation = trial.candidate.spend, trial.evaluation
    out.print()
    if spend.calls:
        tokens = f"{spend.input_tokens} tokens in, {spend.output_tokens} out"
        out.say(f"writing cost ${spend.dollars:.6f}: {spend.calls} calls, {tokens}, {span(spend.seconds)}")
    else:
        out.say("written without a model")
    if spend.tries:
        out.say(f"the generator tried {spend.tries} programs before this one; each try counts as a trial")
    out.say(
        f"played in {evaluation.seconds:.1f} s; CPU seconds: referee {evaluation.referee_seconds:.2f}, "
        f"player {evaluation.player_seconds:.2f}; isolation: {', '.join(evaluation.isolation) or 'none: nothing was played'}"
    )
