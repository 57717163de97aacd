'use client'

import { Card, Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import desk from './desk.module.css'

export interface Column<Row> {
  key: string
  title: string
  number?: boolean
  render: (row: Row) => ReactNode
}

interface DataTableProps<Row> {
  label: string
  columns: Column<Row>[]
  rows: Row[] | undefined
  rowKey: (row: Row) => string
  /** Rows of 36 pixels, for staff. */
  dense?: boolean
}

const SHADOWS = ['a', 'b', 'c', 'd']

/** Rows of 44 pixels; under 640 pixels every row becomes a card with its own labels. Without rows yet: their shape. */
export function DataTable<Row>({ label, columns, rows, rowKey, dense }: DataTableProps<Row>) {
  return (
    <Card padding={0}>
      <table className={dense ? `np-table ${desk.table}` : 'np-table'} aria-label={label} aria-busy={!rows}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-number={column.number || undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows?.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.key} data-label={column.title} data-number={column.number || undefined}>
                  <span>{column.render(row)}</span>
                </td>
              ))}
            </tr>
          ))}
          {!rows &&
            SHADOWS.map((shadow) => (
              <tr key={shadow}>
                {columns.map((column) => (
                  <td key={column.key} data-label={column.title}>
                    <Skeleton height={14} width="70%" />
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </Card>
  )
}
