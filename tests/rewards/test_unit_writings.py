"""Units in all their writings: every unit of a table behind every LaTeX space and font, right and wrong, both ways."""

from __future__ import annotations

import itertools

import pytest

from wethink_assets.rewards import math_pool
from wethink_assets.rewards.formulas import by_mathematics
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

# a unit, one that measures something else or another amount of the same
UNITS = {
    "g": "kg",
    "kg": "g",
    "m": "cm",
    "cm": "m",
    "s": "min",
    "min": "s",
    "h": "min",
    "V": "A",
    "A": "V",
    "N": "J",
    "Pa": "N",
    "W": "J",
    "L": "mL",
    "m/s": "km/h",
    "cm^2": "cm",
    "m^3": "m^2",
    "kWh": "kW",
    "dollars": "euros",
    "apples": "cm",
    "°": "cm",
    "°C": "°F",
    "%": "cm",
}
LATEX = {"°": "^{\\circ}", "°C": "^{\\circ}\\mathrm{C}", "°F": "^\\circ\\text{F}", "%": "\\%"}
SPACES = [
    "",
    " ",
    "\\ ",
    "\\,",
    "\\;",
    "\\:",
    "\\!",
    "~",
    "\\quad ",
    "\\qquad ",
    "\\hspace{2pt}",
    "\\thinspace ",
    "{}",
    "\\> ",
]
FONTS = [
    "{}",
    "\\text{{{}}}",
    "\\mathrm{{{}}}",
    "\\mathrm{{~{}}}",
    "\\text{{ {}}}",
    "\\mathrm{{\\,{}}}",
    "\\operatorname{{{}}}",
    "\\textrm{{{}}}",
    "\\mbox{{{}}}",
    "\\mathbf{{{}}}",
    "\\mathit{{{}}}",
    "\\mathsf{{{}}}",
    "\\textnormal{{{}}}",
    "\\text{{\\textbf{{{}}}}}",
    "{{\\rm {}}}",
    "\\rm {}",
    "\\unit{{{}}}",
]
AROUND = ["{}", "${}$", "\\({}\\)", "\\boxed{{{}}}", "The result is ${}$."]


def writings(unit: str) -> list[str]:
    forms = []
    for number, (space, font) in enumerate(itertools.product(SPACES, FONTS)):
        around = AROUND[number % len(AROUND)]  # every space and every font meets every wrapping
        if space == "" and font in ("{}", "\\rm {}") and unit[0].isalpha():
            continue  # 5g, and a command that would swallow nothing
        inner = LATEX.get(unit) if font == "{}" else unit.replace("%", "\\%")
        forms.append(around.format("5" + space + font.format(inner or unit)))
    return forms


@pytest.fixture(autouse=True)
def no_mathematics(monkeypatch):
    """math-verify strips units and would call all of them right: it is never to be asked here."""
    monkeypatch.setattr(math_pool.POOL, "check", lambda gold, reply: math_pool.EQUAL)


@pytest.mark.parametrize("unit", UNITS)
def test_a_right_unit_is_right_in_every_writing(unit):
    gold = type_answer(f"5 {unit}", category="FIB", question="What is it?")
    refused = [text for text in writings(unit) if verify(gold, text, extracted=True) is not Verdict.CORRECT]
    assert not refused, (len(refused), refused[:20])


@pytest.mark.parametrize("unit", UNITS)
def test_a_wrong_unit_is_right_in_no_writing(unit):
    gold = type_answer(f"5 {unit}", category="FIB", question="What is it?")
    accepted = [text for text in writings(UNITS[unit]) if verify(gold, text, extracted=True) is Verdict.CORRECT]
    assert not accepted, (len(accepted), accepted[:20])


@pytest.mark.parametrize(("gold", "reply", "right"), [
    ("\\frac{3\\sqrt{7}}{\\sqrt{5}-1} \\text{ cm}", "\\frac{3\\sqrt{7}}{\\sqrt{5}-1}\\ \\mathrm{m}", False),
    ("\\frac{3\\sqrt{7}}{\\sqrt{5}-1} \\text{ cm}", "\\frac{3\\sqrt{7}}{\\sqrt{5}-1}\\,\\mathrm{cm}", True),
    ("2x \\text{ cm}", "2x~\\mathrm{s}", False),
    ("2x \\text{ cm}", "2x\\;\\text{cm}", True),
    ("2x \\text{ cm}", "2x", True),
])  # fmt: skip
def test_units_of_formulas_are_compared_by_us(gold, reply, right):
    assert (by_mathematics(gold, reply) is Verdict.CORRECT) is right


@pytest.mark.parametrize(
    "asked", ["cm²", "cm^2", "cm$^2$", "$\\text{cm}^2$", "$\\mathrm{cm}^{2}$", "square centimetres"]
)
@pytest.mark.parametrize("where", ["What is its area, in {}?", "Find the area in {} of the plate."])
def test_a_power_of_a_unit_that_the_question_names_is_read_in_every_writing(asked, where):
    gold = type_answer("24", category="FIB", question=where.format(asked))
    right = ("24", "24 cm²", "24 cm^2", "$24\\ \\text{cm}^2$", "24 square centimeters", "0.0024 m²")
    wrong = ("24 cm", "24 m²", "24 mm²", "24 cm³", "25 cm²")
    assert [reply for reply in right if verify(gold, reply, extracted=True) is not Verdict.CORRECT] == []
    assert [reply for reply in wrong if verify(gold, reply, extracted=True) is Verdict.CORRECT] == []


@pytest.mark.parametrize(("asked", "unit"), [("m/s²", "m/s^2"), ("g/cm³", "g/cm^3"), ("m³", "m^3"), ("N·m", "N m")])
def test_compound_units_with_powers_that_the_question_names(asked, unit):
    gold = type_answer("9.8", category="FIB", question=f"What is it, in {asked}?")
    right = (f"9.8 {unit}", f"9.8 {asked}", "9.8")
    assert [reply for reply in right if verify(gold, reply, extracted=True) is not Verdict.CORRECT] == []
    assert verify(gold, "9.8 kg", extracted=True) is not Verdict.CORRECT
