;;; pik-mode.el --- Specs of pikc, a compiler for Kubernetes clusters -*- lexical-binding: t -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Colours, comments and indentation for *.pik, and the language server `pikc lsp' through Eglot:
;;
;;   (require 'pik-mode)
;;   (add-hook 'pik-mode-hook #'eglot-ensure)
;;
;; The language has no keywords, so colours follow the form: blocks, labels, settings, values, comments.

;;; Code:

(defgroup pik nil
  "Specs of pikc."
  :group 'languages)

(defcustom pik-indent-offset 2
  "How much deeper the inside of a block or a list is."
  :type 'integer
  :safe #'integerp)

(defcustom pik-server-command '("pikc" "lsp")
  "The language server and its arguments."
  :type '(repeat string)
  :risky t)

(defconst pik--word "[^][:space:]\n#\"'`;\\\\,={}[]+"
  "A bare word.")

(defconst pik--string "\"\\(?:[^\"\\\\\n]\\|\\\\.\\)*\""
  "A string on one line.")

(defconst pik--end "\\(?:[][:space:],{}[]\\|$\\)"
  "What follows a bare word.")

(defconst pik--begin "\\(?:^\\|[=,[:space:][]\\)"
  "What comes before a value.")

(defun pik--value (regexp)
  "A value that matches REGEXP as a whole; its text is group 1."
  (concat pik--begin "\\(" regexp "\\)" pik--end))

(defconst pik-font-lock-keywords
  (let ((ipv4 "[0-9]+\\(?:\\.[0-9]+\\)\\{3\\}[0-9.:/]*")
        (ipv6 "[[:xdigit:]]*:[[:xdigit:]]*:[[:xdigit:]:.]*\\(?:%[[:alnum:]]+\\)?\\(?:/[0-9]+\\)?"))
    `(;; A block: its kind, its label, ranges.
      (,(concat "\\(?:^\\|[{,]\\)[ \t]*\\(" pik--word "\\)\\(?:[ \t]+\\(" pik--word "\\|" pik--string
                "\\)\\(\\[[^]\n]*\\]\\)?\\)?[ \t]*{")
       (1 font-lock-type-face)
       (2 font-lock-function-name-face t t)
       (3 font-lock-constant-face nil t))
      ;; A setting: its key.
      (,(concat "\\(" pik--word "\\|" pik--string "\\)[ \t]*=") (1 font-lock-variable-name-face t))
      (,(pik--value "\\(?:on\\|off\\)") (1 font-lock-constant-face))
      (,(pik--value "secret:[[:alnum:]._-]+") (1 font-lock-builtin-face))
      (,(pik--value (concat "\\$[[:alpha:]]" "[^][:space:]\n,={}[]*")) (1 font-lock-constant-face))
      (,(pik--value (concat "\\(?:" ipv4 "\\|" ipv6 "\\|[-+]?v?[0-9][[:alnum:].+%:~-]*\\)")) (1 font-lock-constant-face))
      ;; In strings, and only there: what is substituted, and escapes.
      (pik--match-substitution 0 font-lock-variable-name-face t)
      (pik--match-escape 0 font-lock-constant-face t)
      (,(concat pik--begin "\\(" pik--word "\\)") (1 font-lock-string-face))))
  "Colours of `pik-mode'.")

(defun pik--match-in-string (regexp limit)
  "Search for REGEXP up to LIMIT, inside strings only."
  (let (found)
    (while (and (not found) (re-search-forward regexp limit t))
      (setq found (save-match-data (nth 3 (syntax-ppss (match-beginning 0))))))
    found))

(defun pik--match-substitution (limit)
  "Search for `${name}' up to LIMIT; `$${' is an escape."
  (let (found)
    (while (and (not found) (pik--match-in-string "\\(\\$\\)?\\${[[:alpha:]][[:alnum:]_-]*}" limit))
      (setq found (not (match-beginning 1))))
    found))

(defun pik--match-escape (limit)
  "Search for an escape up to LIMIT."
  (pik--match-in-string "\\\\\\(?:[\"\\\\nt]\\|u{[[:xdigit:]]\\{1,6\\}}\\)\\|\\$\\${" limit))

(defvar pik-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?\' "." table)
    (modify-syntax-entry ?= "." table)
    (modify-syntax-entry ?, "." table)
    (dolist (mark '(?- ?_ ?. ?/ ?: ?$))
      (modify-syntax-entry mark "_" table))
    table)
  "Syntax of `pik-mode'.")

(defun pik--propertize (start end)
  "Mark the quotes of long strings between START and END as those of one string."
  (goto-char start)
  (let ((open (nth 3 (syntax-ppss start))))
    (while (re-search-forward "\"\"\"" end t)
      (let ((first (match-beginning 0)))
        (cond
         ((and (eq (char-before first) ?\\) (eq open t)))
         ((eq open t)
          (put-text-property (1- (point)) (point) 'syntax-table (string-to-syntax "|"))
          (setq open nil))
         ((not (nth 8 (save-excursion (syntax-ppss first))))
          (put-text-property first (1+ first) 'syntax-table (string-to-syntax "|"))
          (setq open t)))))))

(defun pik-indent-line ()
  "Indent a line by the braces and brackets around it."
  (interactive)
  (let* ((offset (- (current-column) (current-indentation)))
         (state (save-excursion (syntax-ppss (line-beginning-position))))
         (depth (car state)))
    ;; The lines of a long string are its text.
    (unless (nth 3 state)
      (save-excursion
        (back-to-indentation)
        (when (looking-at "[]}]")
          (setq depth (1- depth))))
      (indent-line-to (* pik-indent-offset (max depth 0)))
      (when (> offset 0)
        (forward-char offset)))))

;;;###autoload
(define-derived-mode pik-mode prog-mode "pik"
  "Major mode for specs of pikc."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+[ \t]*")
  (setq-local indent-line-function #'pik-indent-line)
  (setq-local indent-tabs-mode nil)
  (setq-local tab-width 2)
  (setq-local syntax-propertize-function #'pik--propertize)
  (setq-local electric-indent-chars (append "}]" electric-indent-chars))
  (setq-local font-lock-defaults '(pik-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.pik\\'" . pik-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs (cons 'pik-mode (lambda (&rest _) pik-server-command))))

(provide 'pik-mode)
;;; pik-mode.el ends here
