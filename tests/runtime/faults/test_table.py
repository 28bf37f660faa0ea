"""Which test shows each row of the table of faults, in the order of the table; and which rows none shows.

A row is a fault that real disks, cameras, models or people bring about, and what must come of it. `OPEN` is
the honest rest: rows without a test, with the reason.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

ROWS: dict[int, str] = {
    1: "runtime/test_images.py::test_zero_bytes_are_an_empty_file",
    2: "runtime/test_images.py::test_a_web_page_named_jpg_is_no_image",
    3: "runtime/test_images.py::test_a_jpeg_cut_late_is_read_and_flagged"
    " runtime/test_images.py::test_a_jpeg_cut_early_is_damaged"
    " runtime/test_classifier.py::test_what_was_odd_about_a_picture_stays_with_its_answer",
    4: "runtime/faults/test_pictures.py::test_a_jpeg_with_zeros_inside_is_still_identified",
    5: "runtime/faults/test_pictures.py::test_a_damaged_png_is_damaged",
    6: "runtime/test_images.py::test_a_header_bomb_is_refused_before_memory_is_taken",
    7: "runtime/faults/test_pictures.py::test_a_picture_of_144_megapixels_is_read"
    " runtime/faults/test_pictures.py::test_huge_pictures_are_decoded_one_at_a_time"
    " runtime/faults/test_pictures.py::test_a_picture_for_which_there_is_no_memory_fails_alone",
    8: "runtime/faults/test_pictures.py::test_a_picture_of_next_to_nothing_is_too_small"
    " runtime/faults/test_pictures.py::test_the_smallest_pictures_that_are_read_come_through_the_geometry",
    9: "runtime/test_images.py::test_half_transparent_pixels_blend_with_the_backdrop"
    " runtime/test_images.py::test_transparent_palette_entries_show_the_backdrop"
    " runtime/test_images.py::test_one_channel_becomes_three_equal_ones",
    10: "runtime/test_images.py::test_sixteen_bit_grey_is_scaled_not_clipped"
    " runtime/test_images.py::test_sixteen_bit_rgb_keeps_its_colours"
    " runtime/faults/test_pictures.py::test_a_sixteen_bit_tiff_of_either_byte_order_keeps_its_brightness",
    11: "runtime/test_images.py::test_a_floating_point_tiff_is_unsupported"
    " runtime/faults/test_pictures.py::test_of_a_tiff_with_several_pages_the_first_is_read_and_that_is_said",
    12: "gui/test_loading.py::test_a_picture_reaches_qt_with_the_pixels_that_the_model_sees"
    " runtime/test_images.py::test_cmyk_is_read_as_the_colours_that_it_prints"
    " runtime/faults/test_pictures.py::test_a_profile_changes_nothing_that_is_seen_or_identified",
    13: "runtime/test_images.py::test_each_orientation_comes_out_upright"
    " runtime/test_images.py::test_an_orientation_outside_one_to_eight_is_ignored"
    " runtime/test_images.py::test_a_broken_exif_block_does_not_cost_the_picture"
    " runtime/media/test_exif.py::test_no_block_however_damaged_stops_us",
    14: "runtime/media/test_exif.py::test_a_time_that_cannot_be_true_is_named_not_believed"
    " runtime/media/test_exif.py::test_a_position_that_is_none_on_earth_is_named",
    15: "runtime/test_images.py::test_an_animation_gives_its_first_frame_and_says_so",
    16: "runtime/faults/test_pictures.py::test_heic_is_a_kind_of_picture_that_is_not_supported"
    " runtime/faults/test_pictures.py::test_without_avif_in_pillow_the_others_go_on",
    17: "runtime/faults/test_pictures.py::test_a_raw_photo_is_identified_by_its_largest_preview_and_that_is_said"
    " runtime/faults/test_pictures.py::test_a_raw_photo_without_a_preview_says_what_to_do",
    18: "runtime/test_scan.py::test_hidden_files_and_other_files_are_counted_not_shown"
    " runtime/test_scan.py::test_other_suffixes_can_be_asked_for",
    19: "runtime/faults/test_pictures.py::test_the_content_decides_not_the_suffix",
    20: "runtime/test_scan.py::test_hidden_files_and_other_files_are_counted_not_shown"
    " runtime/test_scan.py::test_system_folders_are_passed_over",
    21: "runtime/faults/test_runs.py::test_pictures_with_any_name_are_answered_under_that_name"
    " runtime/faults/test_runs.py::test_two_spellings_of_one_accent_are_two_files",
    22: "runtime/test_images.py::test_a_name_that_is_not_utf8_is_read"
    " runtime/faults/test_runs.py::test_a_name_that_is_no_utf8_is_scanned_and_answered"
    " runtime/media/test_video.py::test_a_name_that_is_no_text_does_not_end_the_process",
    23: "runtime/faults/test_runs.py::test_a_name_of_255_bytes_and_a_path_of_over_a_thousand_are_answered"
    " runtime/formats/test_tables.py::test_a_name_that_a_spreadsheet_would_run_is_text_in_both"
    " runtime/formats/test_tables.py::test_a_name_of_255_bytes_can_be_written",
    24: "runtime/sorting/test_sorting.py::test_names_that_some_system_takes_for_one_become_two",
    25: "runtime/test_scan.py::test_links_that_lead_in_circles_end"
    " runtime/test_scan.py::test_a_link_that_leads_nowhere_is_a_picture_that_fails"
    " runtime/faults/test_runs.py::test_a_link_to_a_picture_outside_is_followed_and_both_are_answered",
    26: "runtime/test_scan.py::test_pipes_in_a_folder_are_passed_over"
    " runtime/faults/test_pictures.py::test_a_socket_is_refused_rather_than_waited_for"
    " runtime/faults/test_pictures.py::test_a_device_is_refused_rather_than_read_for_ever",
    27: "runtime/faults/test_pictures.py::test_a_file_that_the_disk_refuses_fails_with_the_reason_and_the_others_go_on"
    " runtime/test_scan.py::test_an_unreadable_folder_is_never_called_empty",
    28: "runtime/faults/test_pictures.py::test_a_file_that_the_disk_refuses_fails_with_the_reason_and_the_others_go_on",
    29: "runtime/faults/test_pictures.py::test_a_file_that_vanishes_while_it_waits_is_missing"
    " runtime/faults/test_pictures.py::test_a_file_that_grows_while_it_is_read_is_not_taken_for_whole",
    30: "runtime/faults/test_runs.py::test_fifty_folders_deep_is_found"
    " runtime/test_scan.py::test_a_folder_without_pictures_is_remembered_with_what_was_looked_into"
    " runtime/test_scan.py::test_one_folder_is_scanned_without_remembering_its_files",
    31: "gui/test_window.py::test_of_a_mixed_drop_the_local_files_are_taken",
    32: "runtime/test_survey.py::test_a_folder_that_cannot_be_written_is_said"
    " runtime/test_files.py::test_a_folder_that_takes_no_files_is_a_usage_error",
    33: "runtime/formats/test_tables.py::test_a_full_disk_is_a_readable_error_and_the_earlier_file_stays"
    " runtime/test_results.py::test_a_full_disk_is_a_readable_error_that_says_where_the_rows_are",
    34: "runtime/test_survey.py::test_a_full_disk_ends_the_run_and_nothing_unstored_counts_as_done"
    " runtime/catalogue/test_catalogue.py::test_a_second_writer_is_refused_and_a_reader_is_not"
    " runtime/catalogue/test_catalogue.py::test_nothing_is_written_when_a_part_of_it_fails",
    35: "runtime/test_files.py::test_a_file_that_is_let_go_of_soon_is_waited_for"
    " runtime/test_files.py::test_a_file_that_is_open_in_excel_is_left_alone_and_that_is_said",
    36: "runtime/test_killed.py::test_after_any_kill_the_same_command_ends_where_an_uninterrupted_run_does",
    37: "runtime/test_survey.py::test_a_folder_that_was_moved_is_followed_when_asked"
    " runtime/catalogue/test_catalogue.py::test_a_catalogue_from_a_newer_avistar_is_refused_and_left_alone"
    " runtime/catalogue/test_reconcile.py::test_a_moved_file_keeps_its_answer_and_its_id"
    " runtime/catalogue/test_catalogue.py::test_what_answers_otherwise_is_found",
    38: "gui/test_session.py::test_a_stopped_run_keeps_what_it_has_and_goes_on_where_it_stopped"
    " runtime/test_flow.py::test_closing_ends_the_threads_within_an_item",
    39: "gui/test_session.py::test_finishing_in_the_middle_is_quiet_and_final",
    40: "gui/test_shell.py::test_a_second_start_hands_its_paths_to_the_first",
    41: "gui/test_theme.py::test_settings_that_make_no_sense_count_as_not_set",
    42: "runtime/faults/test_models.py::test_a_network_that_is_missing_empty_cut_or_a_web_page_is_refused_by_its_hash"
    " runtime/faults/test_models.py::test_one_broken_bundle_leaves_the_others_alone"
    " runtime/test_bundle.py::test_one_flipped_bit_in_any_file_is_found_and_named",
    43: "runtime/faults/test_models.py::test_a_file_that_onnx_runtime_cannot_load_is_a_bundle_error"
    " runtime/faults/test_models.py::test_a_network_of_another_number_of_species_says_both_numbers"
    " runtime/faults/test_models.py::test_a_network_for_pictures_of_another_size_is_a_readable_error",
    44: "runtime/faults/test_models.py"
    "::test_a_network_whose_values_lie_in_another_file_is_refused_before_it_is_parsed",
    45: "runtime/test_classifier.py::test_an_answer_that_is_no_number_is_a_failure_of_that_picture_alone"
    " runtime/faults/test_models.py::test_equal_scores_are_unknown_and_every_share_is_a_number",
    47: "runtime/test_manifest.py::test_a_changed_byte_gives_a_manifest_or_a_bundle_error"
    " runtime/faults/test_models.py::test_odd_json_is_one_clear_sentence"
    " runtime/faults/test_models.py::test_a_species_listed_among_thirty_twice_is_refused",
    49: "runtime/faults/test_devices.py"
    "::test_a_full_device_gets_the_batch_in_halves_and_the_answers_are_the_same",
    50: "runtime/faults/test_devices.py::test_a_device_that_is_lost_ends_the_run_and_the_next_one_goes_on",
    48: "runtime/test_backends.py::test_auto_falls_back_to_the_cpu_and_says_why"
    " runtime/test_backends.py::test_a_provider_that_loads_only_in_name_is_refused",
    51: "runtime/test_trust.py::test_another_machine_library_or_driver_is_named_with_both_values"
    " runtime/test_trust.py::test_an_engine_of_an_older_network_is_stale",
    52: "runtime/test_trust.py::test_an_engine_without_seal_or_key_is_foreign"
    " runtime/test_trust.py::test_a_changed_fact_is_a_forgery",
    53: "export/test_engines.py::test_a_disk_that_fills_up_while_publishing_leaves_the_bundle_as_it_was",
    54: "runtime/test_verification.py::test_a_machine_that_answers_otherwise_is_found_out",
    55: "runtime/media/test_camera.py::test_a_camera_that_is_not_there_is_lost_with_the_reason_and_looked_for",
    56: "runtime/media/test_camera.py::test_a_camera_that_gives_no_more_is_lost_and_found_again"
    " runtime/media/test_camera.py::test_a_camera_that_repeats_its_last_picture_is_lost"
    " runtime/media/test_camera.py::test_a_driver_that_hangs_is_left_and_the_camera_opened_anew",
    57: "runtime/media/test_camera.py::test_frames_may_change_their_size"
    " runtime/media/test_camera.py::test_only_the_newest_frame_is_kept",
    58: "runtime/media/test_video.py::test_a_cut_video_is_read_as_far_as_it_goes"
    " runtime/media/test_video.py::test_a_video_file_is_read_to_its_end_and_then_stays_there",
    59: "runtime/faults/test_runs.py::test_memory_stays_flat_over_a_long_stream",
    60: "runtime/faults/test_runs.py::test_a_clock_that_is_set_back_during_a_run_changes_nothing",
    61: "gui/test_window.py::test_the_language_switches_every_text_at_once"
    " gui/test_window.py::test_the_theme_switches_at_once_and_is_remembered",
    62: "runtime/formats/test_reviews.py"
    "::test_a_row_that_makes_no_sense_is_told_with_its_number_and_the_others_are_read"
    " runtime/formats/test_reviews.py::test_a_table_of_any_spreadsheet_is_read",
    63: "runtime/test_evaluation.py::test_there_is_no_area_where_there_is_nothing_to_rank",
    65: "runtime/sorting/test_sorting.py"
    "::test_a_disk_that_fills_up_stops_the_run_says_what_was_done_and_can_be_undone"
    " runtime/sorting/test_sorting.py::test_moving_to_another_disk_copies_compares_and_then_removes",
    66: "gui/test_entry.py::test_asking_a_model_for_nothing_very_often_does_not_end_the_process",
}  # fmt: skip

OPEN: dict[int, str] = {
    46: "Avistar reads no archives",
    64: "belongs to training: the map of the embeddings",
}


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", ROWS)
def test_the_tests_of_a_row_are_there(row: int) -> None:
    for reference in ROWS[row].split():
        file, _, name = reference.partition("::")
        assert name in _tests_of(file), reference


def test_every_row_of_the_table_is_accounted_for() -> None:
    assert sorted([*ROWS, *OPEN]) == list(range(1, 67))
