"""An import-linter contract: a capability is entered only through its face, the names that its `__init__` gives."""

from __future__ import annotations

from typing import ClassVar

from importlinter import Contract, ContractCheck, fields, output


class FaceContract(Contract):
    """`open_to`: lines `importer -> part`, for the few that may reach a part behind the face (wiring its routers, adapters a port)."""

    type_name: ClassVar[str] = "face"
    root = fields.StringField()
    open_to = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: object, verbose: bool) -> ContractCheck:
        opened = {tuple(line.split(" -> ")) for line in (self.open_to or ())}  # type: ignore[union-attr]  # the library types a declared field as its declaration
        found: list[tuple[str, str]] = []
        for capability in graph.find_children(self.root):  # type: ignore[attr-defined]  # grimp's graph has no published type
            inside = graph.find_descendants(capability)  # type: ignore[attr-defined]  # as above
            for target in inside:
                part = target.removeprefix(f"{capability}.").split(".")[0]
                outsiders = graph.find_modules_that_directly_import(target) - inside - {capability}  # type: ignore[attr-defined]  # as above
                found += [(importer, target) for importer in outsiders if not _open(importer, part, opened)]
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, target in check.metadata["found"]:
            output.print_error(f"{importer} reaches past the face into {target}")


def _open(importer: str, part: str, opened: set[tuple[str, ...]]) -> bool:
    return any(importer.startswith(prefix) and part == name for prefix, name in opened)
