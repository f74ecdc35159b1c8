"""What a crawl without the durable queue has met; the rules are those of ``newscrawl.plan``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from newscrawl.codes import Via
from newscrawl.plan import Found, Plan
from newscrawl.sites.base import Page


class Visited:
    """Pages and stories in memory: each page is followed once, from where it was met first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        # The story of each page, and how many pages each story has.
        self._pages: dict[str, str] = {}
        self._stories: Counter[str] = Counter()

    def admit(self, found: Iterable[Found]) -> list[Found]:
        """Return those pages that were not met before and that the limit lets in."""
        admitted = []
        for new in found:
            left = self.plan.stories_left(len(self._stories))
            known_story = new.page.story_id in self._stories
            if new.page.uid in self._pages:
                # Of a page that its address alone had named, a translation knows the story.
                if new.via == Via.LOCALE and self._pages[new.page.uid] == new.page.uid:
                    self.set_story(new.page)
            elif known_story or left is None or left > 0:
                self.set_story(new.page)
                admitted.append(new)
        return admitted

    def set_story(self, page: Page) -> None:
        """Note which story a page belongs to, in place of what was noted before."""
        before = self._pages.get(page.uid)
        if before is not None:
            self._stories[before] -= 1
            if not self._stories[before]:
                del self._stories[before]
        self._pages[page.uid] = page.story_id
        self._stories[page.story_id] += 1
