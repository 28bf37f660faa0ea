"""Videos played in the photo's place, with the frames that were looked at on the bar of time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from avistar.media.opencv import VideoFile
from avistar_gui.photo.video_player import VideoPlayer
from media_support import write_video

pytest.importorskip("cv2")


@pytest.fixture
def clip(tmp_path):
    folder = tmp_path / "card"
    folder.mkdir()
    return write_video(folder / "clip.avi", frames=30, rate=10.0)


@pytest.fixture
def player(qapp):
    player = VideoPlayer()
    yield player
    player.finish()


def grey(image):
    """The brightness of a frame's lower right corner: 5 for each frame."""
    return image.pixelColor(image.width() - 2, image.height() - 2).red()


def test_a_video_can_be_gone_on_with_from_any_moment(clip):
    video = VideoFile(clip)
    video.seek(2.0)
    frame = video.read()
    assert frame.time_s == pytest.approx(2.0, abs=0.11)
    assert int(frame.pixels[-2, -2, 0]) == pytest.approx(100, abs=8)
    video.seek(0.0)
    assert int(video.read().pixels[-2, -2, 0]) < 10
    video.close()


def test_frames_come_in_order_up_to_the_end(player, clip, qtbot):
    got = []
    player.framed.connect(lambda image, moment: got.append((moment, grey(image))))
    with qtbot.waitSignal(player.stopped):
        player.play(str(clip), 2.0)
    assert not player.playing
    times = [moment for moment, _ in got]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(2.9, abs=0.11)
    assert got[-1][1] == pytest.approx(145, abs=10)


def test_one_moment_is_shown_and_stays(player, clip, qtbot):
    got = []
    player.framed.connect(lambda image, moment: got.append((moment, grey(image))))
    with qtbot.waitSignal(player.stopped):
        player.show_at(str(clip), 1.5)
    assert len(got) == 1
    assert got[0][0] == pytest.approx(1.5, abs=0.11)
    assert got[0][1] == pytest.approx(75, abs=8)


def test_what_is_no_video_says_why(player, tmp_path, qtbot):
    wrong = tmp_path / "wrong.mp4"
    wrong.write_bytes(b"no video" * 100)
    with qtbot.waitSignal(player.failed) as failed:
        player.play(str(wrong))
    assert "video" in failed.args[0]


def test_the_bar_shows_what_was_looked_at_plays_and_goes_to_a_click(controller, clip, settings, qtbot):
    settings.ask_first = False
    controller.start([str(clip.parent)])
    session, pane = controller.identify.session, controller.identify.page.photo
    qtbot.waitUntil(lambda: session.progress.done == 1)
    qtbot.waitUntil(lambda: len(pane.video.line.marks) == 3)
    assert pane.video.isVisible()
    assert pane.video.line.marks == pytest.approx((0.0, 1.0, 2.0), abs=0.11)
    assert pane.video.time.text() == "0:00 / 0:03"
    qtbot.waitUntil(lambda: pane.view.has_photo)
    line = pane.video.line
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(round(line.place_of(2.0)) + 2, line.height() // 2))
    qtbot.waitUntil(lambda: line.time_s == pytest.approx(2.0, abs=0.11))
    qtbot.waitUntil(lambda: not controller.identify.single.player.playing)
    qtbot.keyClick(controller.identify.page.grid, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: line.time_s > 2.5)
    qtbot.waitUntil(lambda: not controller.identify.single.player.playing)
    assert session.counts.reviewed == 0
