; Pairs of marks.
("{" @open "}" @close)
("[" @open "]" @close)
