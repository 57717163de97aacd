"""Where a consumer is, proven: two pieces of evidence that do not contradict each other (Implementing Regulation 282/2011, Articles 24b and 24f)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ProofKind = Literal["billing_address", "ip_address", "card", "bank", "phone", "self_declared"]
Verdict = Literal["proven", "single", "conflict"]


@dataclass(frozen=True, slots=True)
class Proof:
    kind: ProofKind
    country: str


def judge(proofs: Sequence[Proof], *, charged_for: str) -> Verdict:
    """`proven`: two kinds say the country that was charged for. `conflict`: fewer do, and another kind names a different one."""
    for_it = {proof.kind for proof in proofs if proof.country == charged_for}
    if len(for_it) >= 2:
        return "proven"
    return "conflict" if any(proof.country != charged_for for proof in proofs) else "single"
