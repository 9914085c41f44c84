;;; server.el --- Eglot starts `pikc lsp' (the program is $PIKC) and shows what it reports -*- lexical-binding: t -*-
;;; Code:

(require 'pik-mode)
(require 'eglot)
(require 'ert)
(require 'flymake)

(defconst pik-test-example
  (expand-file-name "../../../../examples/home-pi/cluster.pik" (file-name-directory load-file-name)))

(defun pik-test-wait (condition)
  "Wait until CONDITION is true, 20 seconds at most."
  (let ((end (+ (float-time) 20)))
    (while (and (not (funcall condition)) (< (float-time) end))
      ;; Eglot sends changes when Emacs is idle, which it never is without a user.
      (eglot--signal-textDocument/didChange)
      (accept-process-output nil 0.05)
      (flymake-start))
    (funcall condition)))

(defun pik-test-errors ()
  "What is underlined as an error in the buffer."
  (mapcar (lambda (found) (buffer-substring (flymake-diagnostic-beg found) (flymake-diagnostic-end found)))
          (seq-filter (lambda (found) (memq (flymake-diagnostic-type found) '(eglot-error :error))) (flymake-diagnostics))))

(ert-deftest pik-test-diagnostics ()
  (let* ((folder (make-temp-file "pikc-" t))
         (file (expand-file-name "cluster.pik" folder))
         (pik-server-command (list (or (getenv "PIKC") "pikc") "lsp"))
         (eglot-sync-connect 20)
         (eglot-autoshutdown t))
    (make-directory (expand-file-name ".git" folder))
    (copy-file pik-test-example file)
    (unwind-protect
        (with-current-buffer (find-file-noselect file)
          (apply #'eglot (eglot--guess-contact))
          ;; On a busy machine the buffer is managed a little later than Eglot returns.
          (with-timeout (20)
            (while (not (eglot-current-server))
              (accept-process-output nil 0.05)))
          (should (eglot-current-server))
          (goto-char (point-min))
          (search-forward "swap    = on")
          (insert "n")
          (should (pik-test-wait (lambda () (equal (pik-test-errors) '("onn")))))
          (goto-char (point-min))
          (search-forward "= onn")
          (delete-char -1)
          (should (pik-test-wait (lambda () (null (pik-test-errors)))))
          (set-buffer-modified-p nil)
          (eglot-shutdown (eglot-current-server))
          (kill-buffer))
      (delete-directory folder t))))

;;; server.el ends here
