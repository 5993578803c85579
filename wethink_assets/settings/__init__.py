"""Configuration: where things are and how large they are.

Belongs here: typed settings, their defaults, and how file and environment override them.
Does not belong here: anything that reads data or opens a connection; secrets (only the *name*
of the environment variable that holds a key is a setting).
"""

from wethink_assets.settings.base import PROJECT_ROOT, Strict
from wethink_assets.settings.calls import EMBEDDED_TEACHER, ROLES, BudgetSettings, EndpointSettings, TeacherSettings
from wethink_assets.settings.data import (
    ExplorerSettings,
    ExtraSource,
    ImageSettings,
    LakeSettings,
    ReleaseSettings,
    SourceSettings,
    SynthesisSettings,
)
from wethink_assets.settings.fine_tuning import SftSettings
from wethink_assets.settings.gates import GateSettings
from wethink_assets.settings.growth import GrowthSettings
from wethink_assets.settings.guards import GuardSettings
from wethink_assets.settings.installation import Settings, SettingsError, load_settings
from wethink_assets.settings.mix import MixSettings
from wethink_assets.settings.pass_rates import PassRateSettings
from wethink_assets.settings.policies import EvaluationSettings, ExtraBenchmark, TrainingSettings
from wethink_assets.settings.rewards import RewardSettings
from wethink_assets.settings.telling import FailureSettings, OpenLineageSettings

__all__ = [
    "EMBEDDED_TEACHER",
    "PROJECT_ROOT",
    "ROLES",
    "BudgetSettings",
    "EndpointSettings",
    "EvaluationSettings",
    "ExplorerSettings",
    "ExtraBenchmark",
    "ExtraSource",
    "FailureSettings",
    "GateSettings",
    "GrowthSettings",
    "GuardSettings",
    "ImageSettings",
    "LakeSettings",
    "MixSettings",
    "OpenLineageSettings",
    "PassRateSettings",
    "ReleaseSettings",
    "RewardSettings",
    "Settings",
    "SettingsError",
    "SftSettings",
    "SourceSettings",
    "Strict",
    "SynthesisSettings",
    "TeacherSettings",
    "TrainingSettings",
    "load_settings",
]
