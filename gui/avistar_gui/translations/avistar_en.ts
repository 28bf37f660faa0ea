<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>IdentifyDesk</name>
    <message numerus="yes">
        <source>%n folder(s) could not be opened.</source>
        <translation>
            <numerusform>%n folder could not be opened.</numerusform>
            <numerusform>%n folders could not be opened.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>There are no photos there; %n folder(s) were searched.</source>
        <translation>
            <numerusform>There are no photos there; %n folder was searched.</numerusform>
            <numerusform>There are no photos there; %n folders were searched.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n photo(s) were answered by another model.</source>
        <translation>
            <numerusform>%n photo was answered by another model.</numerusform>
            <numerusform>%n photos were answered by another model.</numerusform>
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
</context>
</TS>
