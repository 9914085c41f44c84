-- The language server, for `vim.lsp.enable("pikc")` of Neovim 0.11 and later. `require("pikc").setup()` uses the same table in 0.10.
local capabilities = vim.lsp.protocol.make_client_capabilities()
-- The buffers of lua/pikc.lua show the server's documents, and are read again when the server says that they have changed.
capabilities.workspace.textDocumentContent = { dynamicRegistration = false }

return {
  cmd = { "pikc", "lsp" },
  filetypes = { "pik" },
  root_markers = { ".git" },
  init_options = { outputFolder = "out", commands = { "pikc.compile", "pikc.showChanges", "pikc.showOutputTree", "pikc.why" } },
  capabilities = capabilities,
  handlers = {
    ["workspace/textDocumentContent/refresh"] = function(_, params)
      require("pikc").refresh(params.uri)
      return vim.NIL
    end,
  },
  -- What code lenses name: the same as the commands of plugin/pikc.lua.
  commands = {
    ["pikc.compile"] = function(command)
      require("pikc").compile(unpack(command.arguments or {}))
    end,
    ["pikc.showChanges"] = function(command)
      require("pikc").changes(unpack(command.arguments or {}))
    end,
    ["pikc.showOutputTree"] = function(command)
      require("pikc").output_tree(unpack(command.arguments or {}))
    end,
    ["pikc.why"] = function(command)
      require("pikc").why(unpack(command.arguments or {}))
    end,
  },
}
