module tachograph.dev/third-parties/note

go 1.25

require golang.org/x/mod v0.31.0
