-- The language server, for `vim.lsp.enable("pikc")` of Neovim 0.11 and later. `require("pikc").setup()` uses the same table in 0.10.
return {
  cmd = { "pikc", "lsp" },
  filetypes = { "pik" },
  root_markers = { ".git" },
  init_options = { outputFolder = "out" },
}
