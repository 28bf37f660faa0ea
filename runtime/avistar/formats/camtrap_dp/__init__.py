"""Camtrap DP 1.0.2 (https://camtrap-dp.tdwg.org), the standard that GBIF and the R packages for camera traps read."""

from avistar.formats.camtrap_dp.deployments import Deployments, MissingFacts, Project, read_deployments, read_project
from avistar.formats.camtrap_dp.package import CamtrapDp
from avistar.formats.camtrap_dp.template import write_template

__all__ = [
    "CamtrapDp", "Deployments", "MissingFacts", "Project", "read_deployments", "read_project", "write_template",
]  # fmt: skip
