-- Commands, and buffers for the documents that only the language server can read.
vim.api.nvim_create_autocmd("BufReadCmd", {
  pattern = { "pikc-explain:/*", "pikc-lib:/*", "pikc-out:/*" },
  group = vim.api.nvim_create_augroup("pikc-documents", {}),
  callback = function(event)
    require("pikc").read(event.buf, event.match)
  end,
})

for name, run in pairs({ PikcCompile = "compile", PikcOutputTree = "output_tree", PikcWhy = "why", PikcChanges = "changes" }) do
  vim.api.nvim_create_user_command(name, function()
    require("pikc")[run]()
  end, {})
end
