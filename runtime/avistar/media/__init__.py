"""Where pictures come from: photos with what their camera wrote, detectors' boxes, video files, cameras."""
