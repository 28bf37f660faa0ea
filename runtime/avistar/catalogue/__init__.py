"""The catalogue: one SQLite file per survey, with everything that was found, answered and reviewed.

    with Catalogue.open("survey.avistar") as catalogue:
        for record in catalogue.records(Query(finding=("wolf",))):
            print(record.medium.relative, record.identification)

docs/catalogue.md describes the tables for programs that read the file without Avistar.
"""

from avistar.catalogue.catalogue import Catalogue, RecordView
from avistar.catalogue.codec import Model
from avistar.catalogue.deployments import CameraFolder, DeploymentTable, FolderPhotos
from avistar.catalogue.occurrences import Occurrence
from avistar.catalogue.query import Counts, Order, Query, Row, State
from avistar.catalogue.reconcile import Changes, FoundFile
from avistar.catalogue.reviewed_photos import ReviewedPhotos, ReviewedSurvey
from avistar.catalogue.survey_species import SurveySpecies

__all__ = [
    "CameraFolder",
    "Catalogue",
    "Changes",
    "Counts",
    "DeploymentTable",
    "FolderPhotos",
    "FoundFile",
    "Model",
    "Occurrence",
    "Order",
    "Query",
    "RecordView",
    "ReviewedPhotos",
    "ReviewedSurvey",
    "Row",
    "State",
    "SurveySpecies",
]
