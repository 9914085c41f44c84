-- Specs of pikc, and the files of its standard library.
vim.filetype.add({ extension = { pik = "pik" } })
