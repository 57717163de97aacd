import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { FullConfig, FullResult, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter'

// More than these (two of a hundred) that pass only when tried again are no accident of the machine.
const UNSTEADY_AT_MOST = 5

/** One line a test; at the end what failed, with the paths of screenshot and trace. */
export default class Lines implements Reporter {
  private suite: Suite | undefined

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const sign = test.ok() ? (result.status === 'skipped' ? '-' : '✓') : '✗'
    console.log(`  ${sign} ${title(test)} (${(result.duration / 1000).toFixed(1)} s)`)
    for (const note of test.annotations) if (note.type === 'figures') console.log(`      ${note.description}`)
  }

  onError(error: { message?: string; stack?: string }): void {
    console.error(error.stack ?? error.message)
  }

  onEnd(result: FullResult): { status: FullResult['status'] } {
    const tests = this.suite?.allTests() ?? []
    const failed = tests.filter((test) => !test.ok())
    for (const test of failed) this.tell(test)
    const unsteady = tests.filter((test) => test.outcome() === 'flaky')
    for (const test of unsteady) {
      console.log(`\n! passed only when tried again:`)
      this.tell(test)
    }
    const seconds = Math.round(result.duration / 1000)
    const again = unsteady.length > 0 ? `, ${unsteady.length} of them only when tried again (at most ${UNSTEADY_AT_MOST} may)` : ''
    console.log(`\n  ${tests.length - failed.length} of ${tests.length} browser checks passed in ${seconds} s${again}`)
    return { status: unsteady.length > UNSTEADY_AT_MOST ? 'failed' : result.status }
  }

  private tell(test: TestCase): void {
    console.log(`\n✗ ${title(test)}\n  ${relative(process.cwd(), test.location.file)}:${test.location.line}`)
    for (const { errors, attachments } of test.results) {
      for (const error of errors) console.log(indent(error.message ?? error.value ?? ''), indent(error.snippet ?? ''))
      for (const file of attachments) if (file.path) console.log(`  ${file.name}: ${relative(process.cwd(), file.path)}`)
    }
  }

  printsToStdio(): boolean {
    return true
  }
}

function title(test: TestCase): string {
  return test.titlePath().filter(Boolean).slice(1).join(' › ')
}

function indent(text: string): string {
  return stripVTControlCharacters(text).replace(/^/gm, '  ')
}
