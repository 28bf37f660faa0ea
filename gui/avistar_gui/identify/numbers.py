"""Numbers with their nouns, as Identify says them. Qt's tools find plurals only in a `tr`."""

from __future__ import annotations

from PySide6.QtCore import QObject

from avistar_gui.wording import count


class Numbers(QObject):
    """Each method says one thing of so many."""

    def photos(self, number: int) -> str:
        """'1 photo', '8,012 photos'."""
        return self.tr("{number} photo(s)", "", number).format(number=count(number))

    def videos(self, number: int) -> str:
        """'1 video', '14 videos'."""
        return self.tr("{number} video(s)", "", number).format(number=count(number))

    def burst(self, number: int) -> str:
        """'burst of 3 photos'."""
        return self.tr("burst of {number} photo(s)", "", number).format(number=count(number))

    def identified(self, number: int) -> str:
        """'1,204 identified already'."""
        return self.tr("{number} identified already", "", number).format(number=count(number))

    def identified_again(self, number: int) -> str:
        """What has to be done once more."""
        return self.tr("{number} photo(s) will be identified again.", "", number).format(number=count(number))

    def closed_folders(self, number: int) -> str:
        """Folders that a scan could not look into."""
        return self.tr("{number} folder(s) could not be opened.", "", number).format(number=count(number))

    def not_counted(self, number: int) -> str:
        """The same, before their names."""
        text = self.tr("{number} folder(s) can't be opened; the photos in there are not counted:", "", number)
        return text.format(number=count(number))

    def more_closed(self, number: int) -> str:
        """Closed folders that are not named."""
        return self.tr("and {number} more, listed under Problems", "", number).format(number=count(number))

    def searched(self, number: int) -> str:
        """Folders in which there is nothing."""
        text = self.tr("There are no photos there; {number} folder(s) were searched.", "", number)
        return text.format(number=count(number))

    def only_videos(self, number: int) -> str:
        """Videos where there is nothing else, and nothing that reads them."""
        text = self.tr("There are no photos there, but {number} video(s), passed over.", "", number)
        return text.format(number=count(number))

    def unread_videos(self, number: int) -> str:
        """Videos that nothing here can read; a command follows."""
        text = self.tr("{number} video(s) can't be read without the extra “live”. This installs it:", "", number)
        return text.format(number=count(number))

    def by_others(self, number: int) -> str:
        """Photos whose answers came from another model."""
        return self.tr("{number} photo(s) were answered by another model.", "", number).format(number=count(number))

    def accepted(self, number: int) -> str:
        """Answers that were accepted together."""
        return self.tr("{number} answer(s) accepted.", "", number).format(number=count(number))

    def need_a_look(self, number: int) -> str:
        """Photos that can't be accepted unseen."""
        text = self.tr("{number} photo(s) need a look: reviewed before, or without a clear species.", "", number)
        return text.format(number=count(number))

    def species(self, number: int) -> str:
        """The length of a site's list, on a button."""
        return self.tr("{number} species at the &site…", "", number).format(number=count(number))
