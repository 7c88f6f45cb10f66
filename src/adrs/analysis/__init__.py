"""Analyses the trials of a run: pure functions that play and store nothing."""

from adrs.analysis.confidence import Difference as Difference
from adrs.analysis.confidence import holm as holm
from adrs.analysis.confidence import paired_difference as paired_difference
from adrs.analysis.diagnosis import Label as Label
from adrs.analysis.diagnosis import diagnose as diagnose
from adrs.analysis.report import TOLERANCE as TOLERANCE
from adrs.analysis.report import About as About
from adrs.analysis.report import Step as Step
from adrs.analysis.report import champion as champion
from adrs.analysis.report import diff as diff
from adrs.analysis.report import foul_told as foul_told
from adrs.analysis.report import isolation as isolation
from adrs.analysis.report import lineage as lineage
from adrs.analysis.report import outcome_told as outcome_told
from adrs.analysis.report import reference_scores as reference_scores
from adrs.analysis.report import shortfall as shortfall
from adrs.analysis.report import source_diff as source_diff
from adrs.analysis.report import summary as summary
from adrs.analysis.report import trial_line as trial_line
from adrs.analysis.report import trial_page as trial_page
from adrs.analysis.statistics import Row as Row
from adrs.analysis.statistics import Tally as Tally
from adrs.analysis.statistics import tally as tally
