-- Neovim for the pictures: the tests' configuration, diagnostics at the end of lines, and a file that says when they are there.
local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h")
dofile(vim.fs.dirname(here) .. "/neovim/test/init.lua")
vim.opt.termguicolors = true
vim.opt.number = true
vim.opt.signcolumn = "yes"
vim.opt.ruler = false
vim.opt.showmode = false
vim.opt.hlsearch = false
vim.opt.completeopt = "menuone,noinsert,popup"
vim.diagnostic.config({ virtual_text = { prefix = "■" }, severity_sort = true, underline = true })
require("pikc").setup({ cmd = { vim.env.PIKC, "lsp" } })
vim.api.nvim_create_autocmd("DiagnosticChanged", {
  callback = function(event)
    if #event.data.diagnostics > 0 then
      vim.fn.writefile({}, vim.env.READY)
    end
  end,
})
