-- What pikc's language server has beyond LSP: read-only documents, the generated tree, why a line is there, what a compile changes.
-- grammar/editors/PROTOCOL.md describes the requests.
local M = {}

local function config()
  local file = vim.api.nvim_get_runtime_file("lsp/pikc.lua", false)[1]
  return dofile(file)
end

-- Starts the server for specs. Options replace those of lsp/pikc.lua, for example { cmd = { "/opt/pikc", "lsp" } }.
function M.setup(options)
  local settings = vim.tbl_deep_extend("force", config(), options or {})
  if vim.lsp.config then
    vim.lsp.config("pikc", settings)
    vim.lsp.enable("pikc")
    return
  end
  vim.api.nvim_create_autocmd("FileType", {
    pattern = settings.filetypes,
    group = vim.api.nvim_create_augroup("pikc", {}),
    callback = function(event)
      if vim.bo[event.buf].buftype ~= "" then
        return
      end
      local start = vim.tbl_extend("force", settings, {
        name = "pikc",
        root_dir = vim.fs.root(event.buf, settings.root_markers) or vim.fs.dirname(vim.api.nvim_buf_get_name(event.buf)),
      })
      vim.lsp.start(start, { bufnr = event.buf })
    end,
  })
end

local function client()
  local found = vim.lsp.get_clients({ name = "pikc" })[1]
  if not found then
    error("pikc: the language server is not running; open a spec (*.pik) first", 0)
  end
  return found
end

-- The answer to a request, or an error with the server's own sentence.
local function ask(method, params)
  local answer, problem = client().request_sync(method, params, 10000, 0)
  if not answer then
    error("pikc: " .. (problem or "no answer"), 0)
  elseif answer.err then
    error("pikc: " .. answer.err.message, 0)
  end
  return answer.result
end

-- The document that a code lens names, or that of the buffer.
local function document(uri)
  return { uri = uri or vim.uri_from_bufnr(0) }
end

-- Fills a buffer whose name is the URI of a read-only document (pikc-explain:, pikc-lib:, pikc-out:).
function M.read(buffer, uri)
  local lines = vim.split(ask("workspace/textDocumentContent", { uri = uri }).text, "\n", { plain = true })
  if lines[#lines] == "" then
    table.remove(lines)
  end
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].buftype = "nofile"
  vim.bo[buffer].swapfile = false
  vim.bo[buffer].modified = false
  vim.bo[buffer].modifiable = false
  local path = uri:gsub("%?.*$", "")
  vim.bo[buffer].filetype = vim.filetype.match({ filename = path, contents = lines }) or ""
end

-- Reads a document again that the server has changed. Not at once: the server is waiting for an answer.
function M.refresh(uri)
  vim.schedule(function()
    for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(buffer) and vim.api.nvim_buf_get_name(buffer) == uri then
        -- While the spec has errors, the last text that it compiled to stays.
        pcall(M.read, buffer, uri)
      end
    end
  end)
end

local function scratch(name, text, filetype)
  vim.cmd("belowright new")
  vim.api.nvim_buf_set_name(0, name .. " " .. vim.api.nvim_get_current_buf())
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(vim.trim(text), "\n", { plain = true }))
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.modified, vim.bo.modifiable = "nofile", "wipe", false, false
  vim.bo.filetype = filetype
end

-- Saves the spec and compiles it into its output folder; says how many files changed, or why none did.
function M.compile(uri)
  local buffer = uri and vim.uri_to_bufnr(uri) or 0
  vim.api.nvim_buf_call(buffer, function()
    vim.cmd("silent update")
  end)
  local path = vim.api.nvim_buf_get_name(buffer)
  local settings = client().config
  local output = vim.fs.joinpath(vim.fs.dirname(path), settings.init_options.outputFolder or "out")
  local command = { settings.cmd[1], "--color=never", "compile", path, "--output=" .. output }
  vim.system(command, { text = true }, function(done)
    vim.schedule(function()
      if done.code == 0 then
        -- The last line counts the changes.
        vim.notify(vim.trim(done.stdout):match("[^\n]*$"))
      else
        scratch("pikc compile", done.stderr, "")
      end
    end)
  end)
end

-- Chooses one of the files that the spec compiles to, and shows it.
function M.output_tree(uri)
  local files = ask("pikc/outputTree", { textDocument = document(uri) }).files
  if #files == 0 then
    vim.notify("pikc: nothing is generated, because the spec has errors", vim.log.levels.WARN)
    return
  end
  vim.ui.select(files, {
    prompt = "Generated files",
    format_item = function(file)
      return file.path
    end,
  }, function(file)
    if file then
      vim.cmd.edit({ args = { vim.fn.fnameescape(file.uri) } })
    end
  end)
end

-- Where the line under the cursor comes from, in the quickfix list; the explanation in a window. A code lens names a place.
function M.why(uri, position, range)
  local encoding = client().offset_encoding
  local params = vim.lsp.util.make_position_params(0, encoding)
  if uri and position then
    params = { textDocument = document(uri), position = position, range = range }
  end
  local result = ask("pikc/why", { textDocument = params.textDocument, position = params.position, range = params.range })
  if result.text ~= "" then
    scratch("pikc why", result.text, "")
  end
  if #result.locations > 0 then
    -- One by one: the function would sort them by name, which puts lists of checksums first.
    local items = {}
    for _, location in ipairs(result.locations) do
      vim.list_extend(items, vim.lsp.util.locations_to_items({ location }, encoding))
    end
    vim.fn.setqflist({}, " ", { title = "pikc: why is this line here", items = items })
    vim.cmd("botright copen")
  elseif result.text == "" then
    vim.notify("pikc: nothing is known about this line")
  end
end

-- What a compile would change in the output folder, as a diff.
function M.changes(uri)
  local result = ask("pikc/changes", { textDocument = document(uri) })
  if result.changed == 0 then
    vim.notify("pikc: nothing changes, the output is up to date")
  else
    scratch("pikc changes", result.text, "diff")
  end
end

return M
