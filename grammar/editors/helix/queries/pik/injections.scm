; Notes in comments (TODO, links).
((comment) @injection.content
  (#set! injection.language "comment"))
