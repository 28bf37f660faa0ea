<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>CareNumbers</name>
    <message numerus="yes">
        <source>Merged: {number} step(s) of reviewing came in.</source>
        <translation>
            <numerusform>Merged: {number} step of reviewing came in.</numerusform>
            <numerusform>Merged: {number} steps of reviewing came in.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>People disagree on {number} photo(s).</source>
        <translation>
            <numerusform>People disagree on {number} photo.</numerusform>
            <numerusform>People disagree on {number} photos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) of the other survey aren&apos;t in this folder.</source>
        <translation>
            <numerusform>{number} photo of the other survey isn&apos;t in this folder.</numerusform>
            <numerusform>{number} photos of the other survey aren&apos;t in this folder.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} row(s) could not be read; photos without an answer wait again.</source>
        <translation>
            <numerusform>{number} row could not be read; photos without an answer wait again.</numerusform>
            <numerusform>{number} rows could not be read; photos without an answer wait again.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message numerus="yes">
        <source>More filters: %n</source>
        <translation>
            <numerusform>More filters: %n</numerusform>
            <numerusform>More filters: %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message numerus="yes">
        <source>{number} photo(s)</source>
        <translation>
            <numerusform>{number} photo</numerusform>
            <numerusform>{number} photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} video(s)</source>
        <translation>
            <numerusform>{number} video</numerusform>
            <numerusform>{number} videos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>burst of {number} photo(s)</source>
        <translation>
            <numerusform>burst of {number} photo</numerusform>
            <numerusform>burst of {number} photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} identified already</source>
        <translation>
            <numerusform>{number} identified already</numerusform>
            <numerusform>{number} identified already</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) will be identified again.</source>
        <translation>
            <numerusform>{number} photo will be identified again.</numerusform>
            <numerusform>{number} photos will be identified again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} folder(s) could not be opened.</source>
        <translation>
            <numerusform>{number} folder could not be opened.</numerusform>
            <numerusform>{number} folders could not be opened.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} folder(s) can&apos;t be opened; the photos in there are not counted:</source>
        <translation>
            <numerusform>{number} folder can&apos;t be opened; the photos in there are not counted:</numerusform>
            <numerusform>{number} folders can&apos;t be opened; the photos in there are not counted:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and {number} more, listed under Problems</source>
        <translation>
            <numerusform>and {number} more, listed under Problems</numerusform>
            <numerusform>and {number} more, listed under Problems</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>There are no photos there; {number} folder(s) were searched.</source>
        <translation>
            <numerusform>There are no photos there; {number} folder was searched.</numerusform>
            <numerusform>There are no photos there; {number} folders were searched.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>There are no photos there, but {number} video(s), passed over.</source>
        <translation>
            <numerusform>There are no photos there, but {number} video, passed over.</numerusform>
            <numerusform>There are no photos there, but {number} videos, passed over.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} video(s) can&apos;t be read without the extra “live”. This installs it:</source>
        <translation>
            <numerusform>{number} video can&apos;t be read without the extra “live”. This installs it:</numerusform>
            <numerusform>{number} videos can&apos;t be read without the extra “live”. This installs it:</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) were answered by another model.</source>
        <translation>
            <numerusform>{number} photo was answered by another model.</numerusform>
            <numerusform>{number} photos were answered by another model.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) answered again; reviews stay.</source>
        <translation>
            <numerusform>{number} photo answered again; reviews stay.</numerusform>
            <numerusform>{number} photos answered again; reviews stay.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} answer(s) accepted.</source>
        <translation>
            <numerusform>{number} answer accepted.</numerusform>
            <numerusform>{number} answers accepted.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not saved: {number} review(s). Trying again every few seconds.</source>
        <translation>
            <numerusform>Not saved: {number} review. Trying again every few seconds.</numerusform>
            <numerusform>Not saved: {number} reviews. Trying again every few seconds.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) need a look: reviewed before, or without a clear species.</source>
        <translation>
            <numerusform>{number} photo needs a look: reviewed before, or without a clear species.</numerusform>
            <numerusform>{number} photos need a look: reviewed before, or without a clear species.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All {number} photo(s) are reviewed.</source>
        <translation>
            <numerusform>{number} photo is reviewed: it is the only one.</numerusform>
            <numerusform>All {number} photos are reviewed.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} answer(s) corrected.</source>
        <translation>
            <numerusform>{number} answer corrected.</numerusform>
            <numerusform>{number} answers corrected.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) in dispute: More filters, Disagreement shows them.</source>
        <translation>
            <numerusform>{number} photo in dispute: More filters, Disagreement shows it.</numerusform>
            <numerusform>{number} photos in dispute: More filters, Disagreement shows them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} photo(s) chosen</source>
        <translation>
            <numerusform>{number} photo chosen</numerusform>
            <numerusform>{number} photos chosen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The next key speaks of all {number}; V accepts each one&apos;s own answer.</source>
        <translation>
            <numerusform>The next key speaks of {number}; V accepts its own answer.</numerusform>
            <numerusform>The next key speaks of all {number}; V accepts each one&apos;s own answer.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} animal(s): now the species</source>
        <translation>
            <numerusform>{number} animal: now the species</numerusform>
            <numerusform>{number} animals: now the species</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} found; V accepts all of them, Tab chooses one.</source>
        <translation>
            <numerusform>{number} found; V accepts it, Tab chooses it.</numerusform>
            <numerusform>{number} found; V accepts all of them, Tab chooses one.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} found, not all of them named; Tab chooses one.</source>
        <translation>
            <numerusform>{number} found, not named yet; Tab chooses it.</numerusform>
            <numerusform>{number} found, not all of them named; Tab chooses one.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} species at the &amp;site…</source>
        <translation>
            <numerusform>{number} species at the &amp;site…</numerusform>
            <numerusform>{number} species at the &amp;site…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} camera(s) or places</source>
        <translation>
            <numerusform>{number} camera or place</numerusform>
            <numerusform>{number} cameras or places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n species</source>
        <translation>
            <numerusform>%n species</numerusform>
            <numerusform>%n species</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{number} reviewed</source>
        <translation>
            <numerusform>{number} reviewed</numerusform>
            <numerusform>{number} reviewed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusStrip</name>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n problem</numerusform>
            <numerusform>%n problems</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Counted</name>
    <message numerus="yes">
        <source>%n photo(s)</source>
        <translation>
            <numerusform>%n photo</numerusform>
            <numerusform>%n photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n error(s)</source>
        <translation>
            <numerusform>%n error</numerusform>
            <numerusform>%n errors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n of them bear(s) the name of a photo that trained it, which flatters.</source>
        <translation>
            <numerusform>%n of them bears the name of a photo that trained it, which flatters.</numerusform>
            <numerusform>%n of them bear the name of a photo that trained it, which flatters.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not one of the species: %n, of which {unknown} came out unknown</source>
        <translation>
            <numerusform>Not one of the species: %n, of which {unknown} came out unknown</numerusform>
            <numerusform>Not one of the species: %n, of which {unknown} came out unknown</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n without an answer</source>
        <translation>
            <numerusform>%n without an answer</numerusform>
            <numerusform>%n without an answer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n answered by another model</source>
        <translation>
            <numerusform>%n answered by another model</numerusform>
            <numerusform>%n answered by another model</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n video(s), not judged</source>
        <translation>
            <numerusform>%n video, not judged</numerusform>
            <numerusform>%n videos, not judged</numerusform>
        </translation>
    </message>
</context>
</TS>
