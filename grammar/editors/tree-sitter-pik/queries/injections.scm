; Notes in comments (TODO, links), if the editor has a grammar for them.
; Long strings are text for people (`motd`, a reason): no setting holds shell or YAML, so nothing else is injected.
((comment) @injection.content
  (#set! injection.language "comment"))
