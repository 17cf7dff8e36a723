# SPDX-License-Identifier: Apache-2.0
# Statistics of list[1..n], which they sort in place.
function sort(list, n, i, j, value) {
	for (i = 2; i <= n; i++) {
		value = list[i]
		for (j = i - 1; j > 0 && list[j] > value; j--)
			list[j + 1] = list[j]
		list[j + 1] = value
	}
}
function median(list, n) {
	sort(list, n)
	return (list[int((n + 1) / 2)] + list[int(n / 2) + 1]) / 2
}
# Rounded outwards, so that few rounds do not look steadier than they are. Of a sorted list.
function p10(list, n) { return list[1 + int((n - 1) * 0.1)] }
function p90(list, n) { return list[n - int((n - 1) * 0.1)] }
