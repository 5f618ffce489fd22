"""Rows point down the flow, like imports; every package and module says what it is."""

import ast

import pytest
from django.apps import apps
from django.db.models import Field, Model

from tests.architecture import drawing

OURS = [model for model in apps.get_models() if model.__module__.startswith("leadline.")]


def foreign_keys() -> list[tuple[type[Model], Field]]:
    return [
        (model, field)
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, Field) and field.is_relation and field.related_model
    ]


def package_of(model: type[Model]) -> str:
    return model.__module__.split(".")[1]


def test_the_drawing_names_every_package_once() -> None:
    assert set(drawing.heights()) == set(drawing.packages())


@pytest.mark.parametrize(
    ("model", "field"), foreign_keys(), ids=lambda part: getattr(part, "name", "")
)
def test_a_foreign_key_points_down_the_flow(model: type[Model], field: Field) -> None:
    target = field.related_model
    assert isinstance(target, type)
    if not target.__module__.startswith("leadline."):
        return
    heights = drawing.heights()
    here, there = package_of(model), package_of(target)
    assert here == there or heights[here] > heights[there], f"{here} points up to {there}"


@pytest.mark.parametrize(
    ("model", "field"), foreign_keys(), ids=lambda part: getattr(part, "name", "")
)
def test_a_foreign_key_to_another_package_leaves_no_name_there(
    model: type[Model], field: Field
) -> None:
    target = field.related_model
    assert isinstance(target, type)
    if target.__module__.startswith("leadline.") and package_of(target) != package_of(model):
        assert field.remote_field.related_name == "+"


@pytest.mark.parametrize("package", drawing.packages())
def test_a_package_says_what_it_knows(package: str) -> None:
    tree = ast.parse((drawing.SOURCE / package / "__init__.py").read_text())
    said = ast.get_docstring(tree)
    assert said is not None, f"leadline/{package}/__init__.py has no docstring"
    assert len(said) > 40


def test_every_module_says_what_it_is_about() -> None:
    silent = [
        str(path.relative_to(drawing.ROOT))
        for path in drawing.modules()
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_nobody_overrides_save_or_listens_to_signals() -> None:
    guilty: list[str] = []
    for path in drawing.modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and path.name == "models.py":
                guilty += [
                    f"{path}:{part.lineno} def {part.name}"
                    for part in node.body
                    if isinstance(part, ast.FunctionDef) and part.name in ("save", "delete")
                ]
            # That a connection was opened says nothing of a row, and nobody else tells of it.
            told = node.module if isinstance(node, ast.ImportFrom) else None
            if "signals" in (told or "") and told != "django.db.backends.signals":
                guilty.append(f"{path.name}:{node.lineno} {told}")
    assert guilty == []


def test_only_the_worker_catches_every_exception() -> None:
    guilty = [
        f"{path.relative_to(drawing.ROOT)}:{node.lineno}"
        for path in drawing.modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and _catches_all(node)
    ]
    # environment: a third-party parser that raises many kinds; the sentence is the same.
    allowed = {"leadline/worker/step.py", "leadline/config/environment.py"}
    assert {place.rpartition(":")[0] for place in guilty} <= allowed, guilty


def test_only_config_reads_the_environment() -> None:
    guilty = [
        str(path.relative_to(drawing.ROOT))
        for path in drawing.modules()
        if path.parent.name != "config"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and not _sets_the_settings(path.read_text().splitlines()[node.lineno - 1])
    ]
    assert guilty == []


def test_rows_are_never_created_one_by_one_in_a_loop() -> None:
    guilty = sorted(
        {
            f"{path.relative_to(drawing.ROOT)}:{call.lineno}"
            for path in drawing.modules()
            for loop in ast.walk(ast.parse(path.read_text()))
            if isinstance(loop, ast.For | ast.While | ast.ListComp | ast.GeneratorExp)
            for call in ast.walk(loop)
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("objects.create")
        }
    )
    assert guilty == []


def _catches_all(node: ast.ExceptHandler) -> bool:
    if isinstance(node.body[-1], ast.Raise):
        return False  # it tidies up and passes the exception on
    caught = node.type
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")
    )


def _sets_the_settings(line: str) -> bool:
    return 'setdefault("DJANGO_SETTINGS_MODULE"' in line
