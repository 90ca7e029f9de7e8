# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""What the API says of itself: an OpenAPI document that tells what is really answered, and to whom."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.access.caller import Role
from api.access.matrix import ALL, allowed
from api.problems import documented
from api.schemas import Problem

ABOUT = """
Welke ruimtes vrij, bezet of onbekend zijn, nu en eerder. Onbekend is niet vrij: wat de sensoren niet konden
zeggen, staat hier als `unknown`. Tijden zijn in UTC; vragen mogen elke offset hebben.
"""
_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Een sleutel (`bezet token create`), of een token van de dienst die aanmeldt.",
    }
}
_CONTACT = {
    "name": "Beheer Bezet",
    "url": "https://bezet.example/contact",
    "email": "bezet-beheer@bezet.example",
}


class Documented(FastAPI):
    """An API whose document says what it really answers: problems, no 422, and its version on everything."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            _tell_the_truth(document)
            self.openapi_schema = document
        return self.openapi_schema


def _tell_the_truth(document: dict[str, Any]) -> None:
    document["info"]["contact"] = _CONTACT
    shapes = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes.update(problem.pop("$defs"))
    shapes["Problem"] = problem
    document["components"]["securitySchemes"] = _SCHEMES
    version = {"description": "De volledige versie van deze API.", "schema": {"type": "string"}}
    for operations in document["paths"].values():
        for operation in operations.values():
            roles = allowed(operation["operationId"])
            statuses = (400, 401, 406, 429, 500) if roles == ALL else (400, 401, 403, 406, 429, 500)
            operation["responses"] = {**documented(*statuses), **operation["responses"]}
            operation["responses"].pop("422", None)
            operation["security"] = [{}, {"token": []}] if Role.PUBLIC in roles else [{"token": []}]
            operation["description"] += f"\n\nVoor: {', '.join(role for role in Role if role in roles)}."
            for response in operation["responses"].values():
                response.setdefault("headers", {})["API-Version"] = version
