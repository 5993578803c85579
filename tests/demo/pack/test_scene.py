"""Scenes: every item is true of its scene, every picture shows the colour that it is asked for."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from wethink_assets.demo.pack.palette import COLOURS
from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.demo.pack.scene import KINDS, scene_from_dict, scene_to_dict

TYPES = {"choice", "number", "quantity", "expression", "set", "list", "interval", "yes_no", "text", "ocr", "free_form"}
ABILITIES = {"recognition", "ocr", "knowledge", "spatial", "math"}
SCENES = [make_scene(kind, seed) for kind in KINDS for seed in range(60)]


def test_every_item_is_well_formed():
    for scene in SCENES:
        assert len(scene.items) >= 5 and len({i.key for i in scene.items}) == len(scene.items)
        first = scene.items[0]
        assert first.key == "main_colour" and first.category == "FIB" and first.answer in COLOURS
        for item in scene.items:
            assert item.answer and item.wrong and item.answer != item.wrong, (scene.scene_id, item)
            assert item.answer_type in TYPES and item.abilities[0] == "reasoning"
            assert set(item.abilities[1:]) and set(item.abilities[1:]) <= ABILITIES
            assert item.chain.endswith(item.answer) and len(item.chain) > len(item.short_chain)
            assert len(item.short_chain.split()) <= 12, item.short_chain
            assert (item.category == "MC") == bool(item.options) == (item.answer_type == "choice")
            assert (item.category == "DES") == (item.answer_type == "free_form")
            if item.options:
                assert 3 <= len(item.options) <= 4 and len(set(item.options)) == len(item.options)
                assert item.answer in "ABCD"[: len(item.options)] and item.wrong in "ABCD"[: len(item.options)]
        assert sum(i.category == "FIB" for i in scene.items) >= 2


def test_the_choices_agree_with_the_facts():
    """The letter names the option that the scene's own records call right."""
    for scene in SCENES:
        right = {i.key: i.options["ABCD".index(i.answer)] for i in scene.items if i.options}
        assert right["colour_choice"] == scene.colour == scene.objects[0]["colour"]
        match scene.kind:
            case "photo":
                assert right["largest"] == scene.objects[0]["name"]
            case "bar_chart" | "line_chart" | "pie_chart":
                assert right["highest"] == max(scene.table[1:], key=lambda row: int(row[1]))[0]
            case "map":
                assert right["south"] == max(scene.objects[1:], key=lambda o: o["y"])["name"]
            case "experiment":
                facing = scene.extra["poles"]
                assert right["magnets"] == ("attract" if facing[0] != facing[1] else "repel")
            case "food_web":
                assert right["producer"] == scene.extra["chain"][0]


def test_short_answers_agree_with_the_facts():
    for scene in SCENES:
        given = {i.key: i.answer for i in scene.items}
        match scene.kind:
            case "photo":
                assert int(given["count_small"]) == len(scene.objects) - 1
                below = scene.objects[1]["y"] > scene.objects[0]["y"] + scene.objects[0]["h"] / 2
                asked = next(i.question for i in scene.items if i.key == "small_above")
                assert given["small_above"] == ("yes" if ("below" in asked) == below else "no")
            case "solids":
                assert int(given["count"]) == len(scene.objects)
                gone = next(i.question for i in scene.items if i.key == "subtract").split()[2].removesuffix("s.")
                assert int(given["subtract"]) == sum(o["name"] != gone for o in scene.objects)
            case "document":
                assert given["total"] == f"${sum(scene.extra['prices'])}"
            case "bar_chart" | "line_chart" | "pie_chart":
                values = {name: int(v) for name, v in scene.table[1:]}
                assert int(given["value"]) in values.values()
                if "difference" in given:
                    assert int(given["difference"]) == max(values.values()) - min(values.values())
                else:
                    question = next(i.question for i in scene.items if i.key == "over")
                    limit = int(question.split()[-1].rstrip("?"))
                    assert given["over"].split(", ") == [n for n, v in values.items() if v > limit]
                if scene.kind == "pie_chart":
                    assert sum(values.values()) == 100 and min(values.values()) > 0
            case "experiment":
                assert given["boils"] == ("yes" if scene.extra["temperature"] > 50 else "no")
            case "people":
                people = [o for o in scene.objects if o["name"] == "person"]
                tallest = max(range(len(people)), key=lambda i: people[i]["h"])
                side = "left" if tallest == 0 else "right" if tallest == len(people) - 1 else "middle"
                assert given["tallest"] == side


def test_the_mix_of_question_types_is_near_the_target():
    counts = Counter(i.category for s in SCENES for i in s.items)
    total = sum(counts.values())
    assert abs(counts["FIB"] / total - 0.55) < 0.06
    assert abs(counts["MC"] / total - 0.30) < 0.06
    assert abs(counts["DES"] / total - 0.15) < 0.06
    assert {i.answer_type for s in SCENES for i in s.items} >= TYPES - {"set", "interval"}


def test_all_colours_are_the_answer_about_equally_often():
    counts = Counter(s.colour for s in SCENES if s.kind != "solids")
    expected = sum(counts.values()) / len(COLOURS)
    assert set(counts) == set(COLOURS) and min(counts.values()) > expected / 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_main_colour_can_be_seen_at_56_pixels(kind):
    """At least a fifth of the tiny picture is the main colour, and no other of the eight covers more."""
    palette = np.array(list(COLOURS.values()), float)
    for seed in range(12):
        scene = make_scene(kind, seed)
        tiny = np.asarray(draw(scene).resize((56, 56), Image.Resampling.BOX), float)
        distance = np.abs(tiny[:, :, None, :] - palette).sum(-1)
        seen = Counter(distance.argmin(-1)[distance.min(-1) < 110].tolist())
        best, area = seen.most_common(1)[0]
        assert list(COLOURS)[best] == scene.colour
        assert area / (56 * 56) > 0.2, (seed, area / (56 * 56))


def test_equal_seeds_give_equal_scenes_and_pixels_and_json_keeps_them():
    for kind in KINDS:
        scene = make_scene(kind, 5)
        again = scene_from_dict(json.loads(json.dumps(scene_to_dict(scene))))
        assert scene_to_dict(again) == json.loads(json.dumps(scene_to_dict(scene))) or again == scene
        assert again.items == scene.items and again.details == scene.details
        prints = {hashlib.sha256(draw(s).tobytes()).hexdigest() for s in (scene, make_scene(kind, 5), again)}
        assert len(prints) == 1
        assert draw(make_scene(kind, 6)).tobytes() != draw(scene).tobytes()


def test_an_unknown_kind_is_named_with_the_known_ones():
    with pytest.raises(KeyError, match=r"unknown kind of scene 'opera'.*photo"):
        make_scene("opera", 1)
