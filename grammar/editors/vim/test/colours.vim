" File type, colours and indentation in Vim. Writes one line for each check to the file $PIKC_TEST_OUT.
let s:lines = []
let s:failed = 0

function s:Equal(name, found, expected) abort
  if a:found ==# a:expected
    call add(s:lines, 'ok - ' . a:name)
  else
    let s:failed += 1
    call add(s:lines, 'FAILED - ' . a:name . ': ' . string(a:found) . ', expected ' . string(a:expected))
  endif
endfunction

function s:Group(word) abort
  call cursor(1, 1)
  let [line, column] = searchpos('\V' . escape(a:word, '\'), 'cnW')
  return synIDattr(synID(line, column, 1), 'name')
endfunction

call s:Equal('file type', &filetype, 'pik')
call s:Equal('comments', &commentstring, '# %s')
for [s:word, s:group] in items({
      \ '# A': 'pikComment', 'cluster': 'pikKind', 'home': 'pikLabel', 'kubernetes': 'pikKey', '1.36': 'pikNumber',
      \ '192.168': 'pikNumber', '$router': 'pikConstant', '"a': 'pikText', '${': 'pikVariable', '02-04': 'pikNumber',
      \ 'on,': 'pikBoolean', 'raspios': 'pikWord', 'secret': 'pikSecret', 'wifi {': 'pikKind', '= secret': 'pikEquals'})
  call s:Equal('group of ' . s:word, s:Group(s:word), s:group)
endfor

%delete _
call setline(1, ['node a {', 'swap = on', 'keys = [', '"a",', ']', '}', '# x {', 'b = c'])
silent normal! gg=G
call s:Equal('indentation', getline(1, '$'), ['node a {', '  swap = on', '  keys = [', '    "a",', '  ]', '}', '# x {', 'b = c'])

call add(s:lines, printf('%d passed, %d failed', len(s:lines) - s:failed, s:failed))
call writefile(s:lines, $PIKC_TEST_OUT)
execute s:failed ? 'cquit' : 'qall!'
