import { Text } from '@mantine/core'

/** One side of a document: its name, address and numbers, as far as they are known. */
export function Party({ title, lines }: { title: string; lines: (string | null | undefined)[] }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb={4}>
        {title}
      </Text>
      {lines
        .filter((line): line is string => Boolean(line))
        .map((line) => (
          <div key={line} className="np-break">
            {line}
          </div>
        ))}
    </div>
  )
}
