;;; colours.el --- Faces, comments and indentation of pik-mode -*- lexical-binding: t -*-
;;; Code:

(require 'pik-mode)
(require 'ert)

(defconst pik-test-sample (expand-file-name "../../neovim/test/sample.pik" (file-name-directory load-file-name)))

(defun pik-test-face (word)
  "The face of the first WORD in the sample."
  (goto-char (point-min))
  (search-forward word)
  (let ((face (get-text-property (match-beginning 0) 'face)))
    (if (consp face) (car face) face)))

(ert-deftest pik-test-colours ()
  (with-current-buffer (find-file-noselect pik-test-sample)
    (should (eq major-mode 'pik-mode))
    (font-lock-ensure)
    (dolist (expected '(("A comment" . font-lock-comment-face) ("cluster" . font-lock-type-face)
                        ("home" . font-lock-function-name-face) ("kubernetes" . font-lock-variable-name-face)
                        ("1.36" . font-lock-constant-face) ("192.168" . font-lock-constant-face)
                        ("$router" . font-lock-constant-face) ("a $" . font-lock-string-face)
                        ("${index" . font-lock-variable-name-face) ("on, os" . font-lock-constant-face)
                        ("raspios" . font-lock-string-face) ("secret" . font-lock-builtin-face)
                        ("[02" . font-lock-constant-face) ("wifi" . font-lock-type-face)))
      (should (equal (cons (car expected) (pik-test-face (car expected))) expected)))))

(ert-deftest pik-test-long-strings ()
  (with-temp-buffer
    (insert "motd = \"\"\"\n  a \"b # c {\n  \"\"\"\nswap = on # d\n")
    (pik-mode)
    (font-lock-ensure)
    (should (eq (pik-test-face "# c") 'font-lock-string-face))
    (should (eq (pik-test-face "swap") 'font-lock-variable-name-face))
    (should (eq (pik-test-face "d\n") 'font-lock-comment-face))))

(ert-deftest pik-test-indentation ()
  (with-temp-buffer
    (insert "node a {\nswap = on\nkeys = [\n\"a\",\n]\n}\n# x {\nb = c\n")
    (pik-mode)
    (indent-region (point-min) (point-max))
    (should (equal (buffer-string) "node a {\n  swap = on\n  keys = [\n    \"a\",\n  ]\n}\n# x {\nb = c\n"))))

(ert-deftest pik-test-server ()
  (require 'eglot)
  (with-temp-buffer
    (pik-mode)
    (let ((program (cdr (assq 'pik-mode eglot-server-programs))))
      (should (equal (funcall program) '("pikc" "lsp"))))))

;;; colours.el ends here
