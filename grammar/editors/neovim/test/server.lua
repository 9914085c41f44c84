-- Neovim's own client against `pikc lsp` (the program is $PIKC): mistakes are underlined, a fix is applied, a profile is renamed in two
-- files, definitions lead to read-only documents, the text is formatted, and the requests of PROTOCOL.md answer.
local examples = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h:h:h:h") .. "/examples/home-pi/cluster.pik"

local folder = vim.fn.tempname()
vim.fn.mkdir(folder .. "/.git", "p")

-- The example in two files, with one mistake that has a fix.
local function write()
  local text = table.concat(vim.fn.readfile(examples), "\n")
  local from = text:find("profile pi {", 1, true)
  local to = text:find("node node01 {", 1, true)
  local rest = text:sub(1, from - 1) .. text:sub(to)
  vim.fn.writefile(vim.split(text:sub(from, to - 1), "\n"), folder .. "/profiles.pik")
  rest = 'use = ["profiles.pik"]\n' .. rest:gsub("swap    = on", "swap    = onn")
  vim.fn.writefile(vim.split(rest, "\n"), folder .. "/cluster.pik")
end

local function wait(what, condition)
  local fine = vim.wait(20000, condition, 20)
  check.that(what, fine)
  return fine
end

local function cursor(word, offset)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(word, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { row, column - 1 + (offset or 0) })
      return row - 1, column - 1
    end
  end
  error("no " .. word .. " in " .. vim.api.nvim_buf_get_name(0))
end

local function has(word)
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"):find(word, 1, true) ~= nil
end

local function errors()
  return vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
end

local function ask(method, params)
  local client = vim.lsp.get_clients({ name = "pikc" })[1]
  local answer = client.request_sync(method, params, 20000, 0)
  if not answer or answer.err then
    error(method .. ": " .. (answer and answer.err.message or "no answer"), 0)
  end
  return answer.result
end

local function here()
  return vim.lsp.util.make_position_params(0, vim.lsp.get_clients({ name = "pikc" })[1].offset_encoding)
end

local function diagnostics()
  if not wait("a mistake is reported", function()
    return #errors() == 1
  end) then
    return
  end
  local found = errors()[1]
  local row, column = cursor("onn")
  check.equal("its code", found.code, "value/not-a-choice")
  check.equal("its place", { found.lnum, found.col, found.end_col }, { row, column, column + 3 })
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { "" })
  wait("it moves with the text", function()
    return #errors() == 1 and errors()[1].lnum == row + 1
  end)
end

local function fix()
  cursor("onn", 1)
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return (action.kind or ""):find("^quickfix") ~= nil and action.title:find("on", 1, true) ~= nil and not action.title:find("allow")
    end,
  })
  wait("the fix is applied", function()
    return not has("onn")
  end)
  wait("the mistake is gone", function()
    return #errors() == 0
  end)
end

local function rename()
  cursor("profile = pi", 10)
  vim.lsp.buf.rename("raspberry")
  wait("the profile is renamed here", function()
    return has("profile = raspberry") and not has("profile = pi")
  end)
  wait("and where it is defined", function()
    local buffer = vim.fn.bufnr(folder .. "/profiles.pik")
    return buffer > 0 and vim.api.nvim_buf_get_lines(buffer, 0, 1, false)[1] == "profile raspberry {"
  end)
  vim.cmd("silent wall")
end

local function navigation()
  cursor("role    =", 1)
  local hover = ask("textDocument/hover", here())
  check.that("hover describes a setting", hover and vim.inspect(hover.contents):find("role", 1, true) ~= nil, vim.inspect(hover))
  cursor("board   = pi-4b", 11)
  vim.lsp.buf.definition()
  wait("the definition of a board is in the library", function()
    return vim.api.nvim_buf_get_name(0):find("^pikc%-lib:") ~= nil
  end)
  check.equal("a library file is a pik file", vim.bo.filetype, "pik")
  check.that("it cannot be changed", not vim.bo.modifiable)
  check.that("it has the board", has("pi-4b-2g"))
  vim.cmd("silent! buffer " .. vim.fn.bufnr(folder .. "/cluster.pik"))
end

local function completion()
  cursor("role    = worker", 12)
  local result = ask("textDocument/completion", here())
  local labels = vim.tbl_map(function(item)
    return item.label
  end, result.items or result)
  check.that("completion has the choices", vim.tbl_contains(labels, "control-plane"), vim.inspect(labels))
end

local function formatting()
  cursor("  role    = worker")
  local row = vim.api.nvim_win_get_cursor(0)[1]
  vim.api.nvim_buf_set_lines(0, row - 1, row, false, { "role=worker" })
  vim.lsp.buf.format({ timeout_ms = 20000 })
  check.that("formatting restores the layout", has("  role    = worker"))
end

local function extras()
  local document = { uri = vim.uri_from_bufnr(0) }
  local files = ask("pikc/outputTree", { textDocument = document }).files
  local run = vim.iter(files):find(function(file)
    return file.path == "nodes/node01/kubeadm.yaml"
  end)
  check.that("the generated tree has the file of a node", run ~= nil, #files)
  check.that("changes are a diff", ask("pikc/changes", { textDocument = document }).changed > 0)
  vim.cmd.edit({ args = { vim.fn.fnameescape(run.uri) } })
  check.that("a generated file can be read", has("kubernetesVersion") and not vim.bo.modifiable)
  check.equal("it has a file type", vim.bo.filetype, "yaml")
  cursor("kubernetesVersion")
  local why = ask("pikc/why", here())
  check.that("a generated line leads to the spec", vim.iter(why.locations):any(function(location)
    return location.uri == document.uri
  end), vim.inspect(why))
end

check.run(function()
  write()
  require("pikc").setup({ cmd = { vim.env.PIKC or "pikc", "lsp" } })
  vim.cmd.edit(folder .. "/cluster.pik")
  if not wait("the server starts", function()
    return #vim.lsp.get_clients({ name = "pikc", bufnr = 0 }) == 1
  end) then
    return
  end
  for name, part in vim.spairs({
    ["1 diagnostics"] = diagnostics,
    ["2 fix"] = fix,
    ["3 rename"] = rename,
    ["4 navigation"] = navigation,
    ["5 completion"] = completion,
    ["6 formatting"] = formatting,
    ["7 extras"] = extras,
  }) do
    vim.cmd("silent! buffer " .. vim.fn.bufnr(folder .. "/cluster.pik"))
    local fine, problem = pcall(part)
    if not fine then
      check.that(name .. " runs to its end", false, problem)
    end
  end
  vim.lsp.stop_client(vim.lsp.get_clients({ name = "pikc" }))
  wait("the server stops", function()
    return #vim.lsp.get_clients({ name = "pikc" }) == 0
  end)
  vim.fn.delete(folder, "rf")
end)
