-- Comments, folds and colours of the pik language. Colours come from tree-sitter if the parser is installed (`parser/pik.so` in the
-- runtime path), otherwise from the syntax file in ../../vim.
vim.bo.comments = ":#"
vim.bo.commentstring = "# %s"
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2

if vim.treesitter.language.add and pcall(vim.treesitter.start) then
  vim.wo[0][0].foldmethod = "expr"
  vim.wo[0][0].foldexpr = "v:lua.vim.treesitter.foldexpr()"
  vim.wo[0][0].foldlevel = 99
end
