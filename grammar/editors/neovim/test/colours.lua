-- File type, colours, folds and indentation, with the tree-sitter parser and without.
local sample = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h") .. "/sample.pik"

-- The place of a word: the line that contains it, and its first column, from 0.
local function place(word)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(word, 1, true)
    if column then
      return row - 1, column - 1
    end
  end
  error("the sample has no " .. word)
end

local function captures(word)
  local row, column = place(word)
  local names = vim.tbl_map(function(capture)
    return capture.capture
  end, vim.treesitter.get_captures_at_pos(0, row, column))
  return names[#names]
end

local function group(word)
  local row, column = place(word)
  return vim.fn.synIDattr(vim.fn.synID(row + 1, column + 1, 1), "name")
end

local function compare(what, read, expected)
  for word, name in pairs(expected) do
    check.equal(what .. " of " .. word, read(word), name)
  end
end

local function indents()
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { "node a {", "swap = on", "keys = [", '"a",', "]", "}", "# x {", "b = c" })
  vim.cmd("silent normal! gg=G")
  check.equal(
    "indentation",
    vim.api.nvim_buf_get_lines(0, 0, -1, false),
    { "node a {", "  swap = on", "  keys = [", '    "a",', "  ]", "}", "# x {", "b = c" }
  )
  vim.cmd("edit!")
end

check.run(function()
  vim.cmd.edit(sample)
  check.equal("file type", vim.bo.filetype, "pik")
  check.equal("comments", vim.bo.commentstring, "# %s")
  if vim.env.PIKC_TEST_PARSER then
    check.that("tree-sitter is active", vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()] ~= nil)
    vim.treesitter.get_parser(0):parse(true)
    compare("capture", captures, {
      ["# A"] = "comment",
      ["cluster"] = "type",
      ["home"] = "label",
      ["kubernetes"] = "property",
      ["1.36"] = "number",
      ["192.168"] = "number",
      ["$router"] = "constant",
      ["${"] = "punctuation.special",
      ["02-04"] = "number",
      ["on,"] = "boolean",
      ["raspios"] = "string",
      ["secret"] = "constant.builtin",
    })
    for _, name in ipairs({ "highlights", "injections", "locals", "folds", "indents" }) do
      check.that("query " .. name, vim.treesitter.query.get("pik", name) ~= nil)
    end
    vim.cmd("normal! zx")
    check.that("a block can be folded", vim.fn.foldlevel(3) >= 1, vim.fn.foldlevel(3))
  else
    compare("group", group, {
      ["# A"] = "pikComment",
      ["cluster"] = "pikKind",
      ["home"] = "pikLabel",
      ["kubernetes"] = "pikKey",
      ["1.36"] = "pikNumber",
      ["192.168"] = "pikNumber",
      ["$router"] = "pikConstant",
      ["${"] = "pikVariable",
      ["02-04"] = "pikNumber",
      ["on,"] = "pikBoolean",
      ["raspios"] = "pikWord",
      ["secret"] = "pikSecret",
    })
    indents()
  end
end)
