# SPDX-FileCopyrightText: 2026 The Bezet authors
# SPDX-License-Identifier: EUPL-1.2
"""The store of an installation: InfluxDB 1.8, 2.x or 3, which may be away, full or slow without loss.

`store.influx.store.InfluxStore` is the store; not imported here, so that reading an address costs nothing.
"""
