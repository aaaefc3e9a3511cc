"""The vendor ids of the Trusted Computing Group (TCG TPM Vendor ID Registry), as TPM certificates write them."""

from __future__ import annotations

_VENDORS = (
    "AMD\0",  # AMD
    "ANT\0",  # Ant Group
    "ATML",  # Atmel
    "BRCM",  # Broadcom
    "CSCO",  # Cisco
    "FLYS",  # Flyslice Technologies
    "GOOG",  # Google
    "HISI",  # Huawei
    "HPE\0",  # Hewlett Packard Enterprise
    "HPI\0",  # HP
    "IBM\0",  # IBM
    "IFX\0",  # Infineon
    "INTC",  # Intel
    "LEN\0",  # Lenovo
    "MSFT",  # Microsoft
    "NSG\0",  # NSING
    "NSM ",  # National Semiconductor
    "NTC\0",  # Nuvoton
    "NTZ\0",  # Nationz
    "QCOM",  # Qualcomm
    "ROCC",  # Fuzhou Rockchip
    "SEAL",  # Wisekey
    "SECE",  # SecEdge
    "SMSC",  # Samsung
    "SMSN",  # Samsung Semiconductor
    "SNS\0",  # Sinosun
    "STM ",  # STMicroelectronics
    "TXN\0",  # Texas Instruments
    "VMW\0",  # VMware
    "WEC\0",  # Winbond
)

#: Ready for `StatementRules.tpm_manufacturers`: ``"id:"`` and eight hexadecimal digits.
TPM_MANUFACTURERS = frozenset(f"id:{vendor.encode('ascii').hex().upper()}" for vendor in _VENDORS)
