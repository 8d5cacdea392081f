"""Texts of the workbench's scripts, in the language of a request."""

from flask_babel import gettext as _

from web.pages.base_map import words


def workbench_words() -> dict[str, str]:
    """Return all texts of the workbench's scripts; values stand as ``%(name)s``."""
    return {
        **words(),
        **_states(),
        **_tools(),
        **_help(),
        **_measures(),
        **_table(),
        **_keys(),
        **_panels(),
    }


def _states() -> dict[str, str]:
    return {
        "map": _("Map of the draft"),
        "load_failed": _("The map's data could not be loaded."),
        "logged_out": _("Your session has ended: log in again."),
        "zoom_in_to_edit": _("Zoom in to see borders as they are and to edit them."),
        "saving": _("Saving…"),
        "saved_at": _("Saved at %(at)s"),
        "unreachable": _("The server does not answer; what was saved is safe."),
        "bench_unreachable": _(
            "The server did not answer. What it has kept is shown as soon as it answers again."
        ),
        "bench_not_kept": _(
            "The server answers again. The last step was not kept: do it again."
        ),
        "bench_overtaken": _(
            "Others changed the draft meanwhile. It is drawn as it is now: look at it and do "
            "your step again."
        ),
        "bench_failed": _("This could not be done: nothing was changed."),
        "other_did": _("%(by)s: %(said)s"),
        "others_more": _("and %(n)s more edits"),
        "close": _("Close"),
    }


def _tools() -> dict[str, str]:
    return {
        "levels": _("Level"),
        "tools": _("Tools"),
        "steps": _("Undo and redo"),
        "vertices": _("Selecting and snapping"),
        "tool_panel": _("What the tool asks for"),
        "tool_move": _("Move borders"),
        "tool_split": _("Split"),
        "tool_merge": _("Merge"),
        "tool_reassign": _("Reassign"),
        "tool_area": _("Details"),
        "many": _("Select several"),
        "snap": _("Snap"),
        "delete_vertex": _("Delete the vertex"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "undo_what": _("Undo: %(what)s"),
        "redo_what": _("Redo: %(what)s"),
        "line_end": _("Split along this line"),
        "line_short": _("The line needs two points at least: click on the map first."),
        "line_again": _("Draw the line again"),
        "merge_into": _("Which code stays"),
        "reassign_to": _("Into"),
        "lasso": _("Outline"),
        "selected_many": _("%(n)s selected"),
    }


def _help() -> dict[str, str]:
    return {
        "help_read_only": _("This draft can only be looked at here."),
        "help_move": _(
            "Drag a vertex, or a place on a border; all areas that share it follow. A click "
            "selects an area, with Shift or Ctrl several."
        ),
        "help_held": _("Let go where the border is to run; Escape puts it back."),
        "help_held_key": _(
            "Move the map by the arrow keys; Enter puts the border down, Escape puts it back."
        ),
        "help_chosen": _("The vertex is chosen: Enter takes it, Delete deletes it."),
        "help_crowded": _("Zoom in to drag: too many vertices lie here to tell them apart."),
        "help_split": _(
            "Click point after point across the area, beginning and ending on its border; "
            "click the last point again to split."
        ),
        "help_split_none": _("Select the area to be split."),
        "help_merge": _("Choose which code stays, then press Merge."),
        "help_merge_none": _("Click two or more neighbours."),
        "help_reassign": _(
            "Click an area that lies in the one they are to go to, or choose it from the list."
        ),
        "help_reassign_none": _(
            "Select the areas that are to go elsewhere, or draw around them with Shift held."
        ),
        "help_lasso": _("Draw around the areas: those more than half inside are selected."),
        "help_area": _("Change the name, the code or the attributes, then save."),
        "help_area_none": _("Select one area, to change its name, code and attributes."),
    }


def _measures() -> dict[str, str]:
    return {
        "measured": _("%(name)s %(m2)s (%(change)s)"),
        "measured_more": _("and %(n)s more areas"),
        "measured_length": _("length %(m)s m"),
    }


def _table() -> dict[str, str]:
    return {
        "areas_in_view": _("Areas in view"),
        "areas_more": _("%(n)s more are in view: zoom in."),
        "column_area": _("Area"),
        "column_m2": _("m²"),
        "column_lies_in": _("Lies in"),
    }


def _keys() -> dict[str, str]:
    return {
        "keys": _("Keys"),
        "keys_lead": _(
            "Go to the map with the Tab key. Its middle is marked by a crosshair, and Enter "
            "does there what a click would."
        ),
        "key_pan": _("Move the map under the crosshair"),
        "key_fine": _("Move it by a little"),
        "key_zoom": _("Zoom in and out"),
        "key_enter": _(
            "Select; choose a vertex, take it, put it down; add a point to a line; on the last "
            "point end the line"
        ),
        "key_adds": _("Add an area to those selected"),
        "key_end": _("End the line"),
        "key_lasso": _(
            "Drag around areas to select them, in the tool that moves them elsewhere"
        ),
        "key_delete": _("Delete the chosen vertex"),
        "key_escape": _("Cancel: put back, give up the line, leave the tool, select nothing"),
        "key_help": _("Show these keys"),
        "here_nothing": _("No area here"),
        "here_vertex": _("vertex"),
        "here_edge": _("border"),
    }


def _panels() -> dict[str, str]:
    return {
        "panel_failed": _("This could not be loaded. Try again."),
        "repair_none": _("No operation mends this by itself: move the border by hand."),
        "repair_said": _("%(said)s, %(m2)s"),
        "repair_before": _("before the repair"),
        "repair_after": _("after the repair"),
        "repair_take": _("Accept this repair"),
        "repair_drop": _("Cancel"),
        "moving_here": _("%(area)s: %(n)s open cases"),
        "nobody": _("nobody"),
        "own_no_json": _("This file is not GeoJSON."),
        "own_nothing": _("This file has no points, lines or areas."),
        "own_too_much": _("This file has more than %(n)s vertices."),
        "own_no_degrees": _("The coordinates of this file are not degrees."),
        "own_shown": _("Lines and points shown: %(n)s."),
        "own_elsewhere": _("They lie outside of the view."),
        "others_here": _("Also here: %(names)s"),
        "names_joint": _(", "),
    }
