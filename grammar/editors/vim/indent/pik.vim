" Indentation of the pik language: one step deeper in each brace or bracket that its line leaves open.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=GetPikIndent(v:lnum) indentkeys=0{,0},0],!^F,o,O
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*GetPikIndent')
  finish
endif

" A line without its strings and its comment.
function s:Code(number) abort
  let line = substitute(getline(a:number), '"\%([^"\\]\|\\.\)*"', '', 'g')
  return substitute(line, '\%(^\|[[:space:]{}\[\],=]\)\zs#.*', '', '')
endfunction

function GetPikIndent(number) abort
  let before = prevnonblank(a:number - 1)
  if before == 0
    return 0
  endif
  let depth = indent(before)
  if s:Code(before) =~# '[{\[]\s*$'
    let depth += shiftwidth()
  endif
  if getline(a:number) =~# '^\s*[}\]]'
    let depth -= shiftwidth()
  endif
  return max([depth, 0])
endfunction
