" Colours of the pik language. It has no keywords: blocks, settings, values, comments. What they mean is data.
if exists('b:current_syntax')
  finish
endif

syntax case match
syntax sync minlines=200

" A block: its kind, and its label with ranges. A setting: its key.
syntax match pikKind /[^[:space:]#"'`;\\,={}[\]]\+\ze\%(\s\+\%("\%([^"\\]\|\\.\)*"\|[^[:space:]#"'`;\\,={}[\]]\+\)\%(\[[^]]*\]\)\?\)\?\s*{/ nextgroup=pikLabel,pikLabelString,pikBrace skipwhite
syntax match pikLabel /[^[:space:]#"'`;\\,={}[\]]\+/ contained nextgroup=pikRanges,pikBrace skipwhite
syntax match pikLabelString /"\%([^"\\]\|\\.\)*"/ contained contains=pikEscape nextgroup=pikRanges,pikBrace skipwhite
syntax match pikRanges /\[[^]]*\]/ contained contains=pikNumber nextgroup=pikBrace skipwhite
syntax match pikKey /[^[:space:]#"'`;\\,={}[\]]\+\ze\s*=/ nextgroup=pikEquals skipwhite
syntax match pikKey /"\%([^"\\]\|\\.\)*"\ze\s*=/ contains=pikEscape nextgroup=pikEquals skipwhite
syntax match pikEquals /=/ contained nextgroup=@pikValue skipwhite
syntax match pikBrace /[{}]/

" Values, by what they look like. Later rules win.
syntax cluster pikValue contains=pikWord,pikNumber,pikBoolean,pikSecret,pikConstant,pikPath,pikText,pikLongText,pikList
syntax match pikWord /[^[:space:]#"'`;\\,={}[\]]\+/ contained
syntax match pikPath /\%(\/\|\.\/\|\.\.\/\|\~\/\|[a-z][a-z0-9+.-]*:\/\/\)[^[:space:]#"'`;\\,={}[\]]*/ contained
" Numbers, sizes, lengths of time, versions and dates
syntax match pikNumber /[-+]\?v\?\d[0-9A-Za-z.+%:~-]*\ze\%([[:space:],{}[\]]\|$\)/ contained
" addresses, networks and ranges of them
syntax match pikNumber /\d\{1,3}\%(\.\d\{1,3}\)\{3}[0-9.:\/]*\ze\%([[:space:],{}[\]]\|$\)/ contained
syntax match pikNumber /\x\{0,4}:\x\{0,4}:[0-9A-Fa-f:.]*\%(%[0-9A-Za-z.]\+\)\?\%(\/\d\+\)\?\ze\%([[:space:],{}[\]]\|$\)/ contained
syntax match pikBoolean /\%(on\|off\)\ze\%([[:space:],{}[\]]\|$\)/ contained
syntax match pikSecret /secret:[A-Za-z0-9._-]\+/ contained
syntax match pikConstant /\$\a[^[:space:]#"'`;\\,={}[\]]*/ contained
syntax region pikList matchgroup=pikBracket start=/\[/ end=/\]/ contained contains=@pikValue,pikComment

syntax region pikText start=/"/ skip=/\\./ end=/"/ end=/$/ oneline contained contains=pikEscape,pikVariable,@Spell
syntax region pikLongText start=/"""/ skip=/\\./ end=/"""/ contained contains=pikEscape,pikVariable,@Spell
syntax match pikVariable /\${\a[0-9A-Za-z_-]*}/ contained
syntax match pikEscape /\\\%(["\\nt]\|u{\x\{1,6}}\)\|\$\${/ contained

syntax match pikComment /\%(^\|[[:space:]{}[\],="]\@1<=\)#.*$/ contains=@Spell

highlight default link pikKind Structure
highlight default link pikLabel Label
highlight default link pikLabelString Label
highlight default link pikRanges Delimiter
highlight default link pikKey Identifier
highlight default link pikEquals Operator
highlight default link pikBrace Delimiter
highlight default link pikBracket Delimiter
highlight default link pikWord String
highlight default link pikText String
highlight default link pikLongText String
highlight default link pikPath String
highlight default link pikNumber Number
highlight default link pikBoolean Boolean
highlight default link pikSecret Special
highlight default link pikConstant Constant
highlight default link pikVariable Special
highlight default link pikEscape SpecialChar
highlight default link pikComment Comment

let b:current_syntax = 'pik'
