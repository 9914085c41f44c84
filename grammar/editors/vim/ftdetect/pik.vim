" Specs of pikc.
autocmd BufRead,BufNewFile *.pik setfiletype pik
