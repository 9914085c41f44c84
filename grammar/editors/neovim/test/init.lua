-- The configuration of the tests: this folder, the syntax of ../../vim, and the parser if PIKC_TEST_PARSER names a folder with parser/pik.so.
local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h")
-- The parsers that Neovim brings are in its library folder: it shows Markdown with one.
local own = vim.fs.normalize(vim.env.VIMRUNTIME .. "/../../../lib/nvim")
vim.opt.runtimepath = { here, vim.fs.dirname(here) .. "/vim", vim.env.VIMRUNTIME, own }
if vim.env.PIKC_TEST_PARSER then
  vim.opt.runtimepath:append(vim.env.PIKC_TEST_PARSER)
end
vim.opt.swapfile = false
vim.opt.shadafile = "NONE"
vim.cmd("filetype plugin indent on")
vim.cmd("syntax on")
vim.lsp.set_log_level("off")

-- What the test scripts share: each check is one line, and the last line counts them.
_G.check = { passed = 0, failed = 0 }
function check.that(name, fine, detail)
  if fine then
    check.passed = check.passed + 1
    io.stdout:write("ok - " .. name .. "\n")
  else
    check.failed = check.failed + 1
    io.stdout:write("FAILED - " .. name .. (detail and ": " .. tostring(detail) or "") .. "\n")
  end
end
function check.equal(name, found, expected)
  check.that(name, vim.deep_equal(found, expected), vim.inspect(found) .. ", expected " .. vim.inspect(expected))
end
-- Runs the checks; an error in them is a failed check and not an editor that waits for a key.
function check.run(body)
  local fine, problem = xpcall(body, debug.traceback)
  if not fine then
    check.that("the script runs to its end", false, problem)
  end
  io.stdout:write(("%d passed, %d failed\n"):format(check.passed, check.failed))
  vim.cmd(check.failed == 0 and "qall!" or "cquit 1")
end
