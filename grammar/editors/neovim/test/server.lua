-- Neovim's own client against `pikc lsp` (the program is $PIKC): what a user sees of diagnostics, fixes, rename, completion, hover, hints,
-- lenses, formatting and definitions, and the commands and read-only documents of PROTOCOL.md.
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

-- The text of the floating windows.
local function floating()
  local text = {}
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      vim.list_extend(text, vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false))
    end
  end
  return table.concat(text, "\n")
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
  vim.lsp.buf.hover()
  wait("hover describes a setting in a window", function()
    return floating():find("setting `role`", 1, true) ~= nil
  end)
  vim.cmd("silent! fclose!")
  cursor("profile = raspberry", 12)
  vim.lsp.buf.references(nil, { on_list = function(found)
    vim.fn.setqflist({}, " ", found)
  end })
  wait("references are listed from both files", function()
    local files = {}
    for _, item in ipairs(vim.fn.getqflist()) do
      files[vim.fs.basename(vim.api.nvim_buf_get_name(item.bufnr))] = true
    end
    return files["cluster.pik"] and files["profiles.pik"]
  end)
  vim.lsp.buf.document_symbol({ on_list = function(found)
    vim.fn.setqflist({}, " ", found)
  end })
  wait("symbols are listed", function()
    return vim.iter(vim.fn.getqflist()):any(function(item)
      return item.text:find("node[02-04]", 1, true) ~= nil
    end)
  end)
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
  cursor("role    = worker", 10)
  local found = ask("textDocument/completion", here())
  local item = vim.iter(found.items or found):find(function(item)
    return item.label == "control-plane"
  end)
  check.that("completion has the choices", item ~= nil, vim.inspect(found))
  -- As a user has it: typed, chosen from the menu, and in the text.
  vim.bo.omnifunc = "v:lua.vim.lsp.omnifunc"
  vim.o.completeopt = "menuone,noinsert"
  local row = vim.api.nvim_win_get_cursor(0)[1]
  local before = vim.api.nvim_buf_get_lines(0, row - 1, row, false)[1]
  vim.api.nvim_buf_set_lines(0, row - 1, row, false, { "  role    = contr" })
  local keys = function(text)
    return vim.api.nvim_replace_termcodes(text, true, false, true)
  end
  vim.api.nvim_win_set_cursor(0, { row, 0 })
  vim.api.nvim_create_autocmd("CompleteChanged", {
    once = true,
    callback = function()
      vim.schedule(function()
        vim.api.nvim_feedkeys(keys("<C-y><Esc>"), "n", false)
      end)
    end,
  })
  -- `!`: insert mode stays while the answer is on its way.
  vim.api.nvim_feedkeys(keys("A<C-x><C-o>"), "n!", false)
  wait("what is chosen from the menu is inserted", function()
    return has("  role    = control-plane")
  end)
  vim.cmd("stopinsert")
  vim.api.nvim_buf_set_lines(0, row - 1, row, false, { before })
end

local function remarks()
  vim.lsp.inlay_hint.enable(true, { bufnr = 0 })
  wait("hints show what a value comes to", function()
    return vim.iter(vim.lsp.inlay_hint.get({ bufnr = 0 })):any(function(hint)
      return vim.inspect(hint.inlay_hint.label):find("DNS at", 1, true) ~= nil
    end)
  end)
  local row, column = cursor("swap    =", 2)
  wait("words have colours from the server", function()
    local tokens = vim.lsp.semantic_tokens.get_at_pos(0, row, column) or {}
    return tokens[1] ~= nil and tokens[1].type == "property"
  end)
  vim.lsp.codelens.refresh({ bufnr = 0 })
  wait("lenses are above the cluster and its nodes", function()
    return vim.iter(vim.lsp.codelens.get(0)):any(function(lens)
      return lens.command.title == "why"
    end)
  end)
  vim.fn.setqflist({}, "r")
  cursor("node node[02-04]", 1)
  -- Where a line has several lenses, the user chooses.
  vim.ui.select = function(items, _, chosen)
    local why = vim.iter(items):find(function(item)
      return item.lens.command.title == "why"
    end)
    chosen(why, 1)
  end
  vim.lsp.codelens.run()
  wait("a lens lists the generated lines of its block", function()
    return vim.iter(vim.fn.getqflist()):any(function(item)
      return vim.api.nvim_buf_get_name(item.bufnr):find("nodes/node02/node.conf", 1, true) ~= nil
    end)
  end)
  vim.cmd("silent! only")
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
  vim.cmd("PikcCompile")
  wait("the spec is compiled", function()
    return vim.uv.fs_stat(folder .. "/out/pikc.json") ~= nil and ask("pikc/changes", { textDocument = document }).changed == 0
  end)
  vim.cmd.edit({ args = { "pikc-explain:/node/little-left.md" } })
  check.that("a code is explained in a buffer", has("`node/little-left`") and not vim.bo.modifiable)
  check.equal("as Markdown", vim.bo.filetype, "markdown")
  vim.cmd.edit({ args = { vim.fn.fnameescape(run.uri) } })
  check.that("a generated file can be read", has("kubernetesVersion") and not vim.bo.modifiable)
  check.equal("it has a file type", vim.bo.filetype, "yaml")
  local spec, shown = vim.fn.bufnr(folder .. "/cluster.pik"), vim.api.nvim_get_current_buf()
  local lines = vim.api.nvim_buf_get_lines(spec, 0, -1, false)
  local changed = vim.tbl_map(function(line)
    return (line:gsub("cluster home {", "cluster elsewhere {"))
  end, lines)
  vim.api.nvim_buf_set_lines(spec, 0, -1, false, changed)
  wait("it follows the spec", function()
    return table.concat(vim.api.nvim_buf_get_lines(shown, 0, -1, false), "\n"):find("elsewhere", 1, true) ~= nil
  end)
  vim.api.nvim_buf_set_lines(spec, 0, -1, false, lines)
  wait("and back", function()
    return table.concat(vim.api.nvim_buf_get_lines(shown, 0, -1, false), "\n"):find("elsewhere", 1, true) == nil
  end)
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
    ["7 remarks"] = remarks,
    ["8 extras"] = extras,
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
