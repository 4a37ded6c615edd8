package sim

// The documents before anything is known of them: every member is there, most of them null.

const blankDSCOOrder = `{
"dscoOrderId": null, "poNumber": null, "supplierOrderNumber": null, "consumerOrderNumber": null, "dscoStatus": null, "dscoLifecycle": null,
"cancelRequested": false, "cancelRequestedCode": null, "testFlag": false, "orderType": "dropship", "channel": null, "currencyCode": null,
"dscoRetailerId": null, "dscoSupplierId": "1000009002", "dscoSupplierName": "Example Supplier Inc", "dscoTradingPartnerId": null,
"dscoTradingPartnerName": null, "dscoOnboardingRetailerId": null, "retailerCreateDate": null, "consumerOrderDate": null,
"dscoCreateDate": null, "dscoLastUpdate": null, "shipByDate": null, "dscoShipLateDate": null, "acknowledgeByDate": null,
"cancelAfterDate": null, "invoiceByDate": null, "expectedDeliveryDate": null, "requiredDeliveryDate": null, "shipCarrier": null,
"shipMethod": null, "shippingServiceLevelCode": null, "requestedShipCarrier": null, "requestedShipMethod": null,
"requestedShippingServiceLevelCode": null, "requestedShippingServiceLevelCodeUnmapped": null, "shippingAccountNumber": null,
"signatureRequiredFlag": false, "shipInstructions": null, "packingInstructions": null, "packingSlipMessage": null,
"packingSlipEmail": null, "packingSlipPhone": null, "packingSlipTemplate": null, "message": null, "marketingMessage": null,
"giftFlag": false, "giftMessage": null, "giftToName": null, "giftFromName": null, "giftReceiptId": null, "giftWrapFlag": false,
"giftWrapMessage": null, "crossDockFlag": false, "crossDockLocation": null, "deliveryMethod": null, "requestedWarehouseCode": null,
"dscoWarehouseCode": null, "shipWarehouseCode": null, "orderTotalAmount": null, "extendedExpectedCostTotal": null,
"numberOfLineItems": null, "billTo": {}, "buyer": null, "customer": null, "invoiceTo": null, "shipping": {}, "lineItems": [],
"packages": null}`

const blankDSCOLine = `{
"lineNumber": null, "retailerLineId": null, "dscoItemId": null, "sku": null, "partnerSku": null, "upc": null, "ean": null,
"gtin": null, "isbn": null, "mpn": null, "title": null, "quantity": 1, "acceptedQuantity": 0, "cancelledQuantity": 0,
"rejectedQuantity": 0, "status": null, "statusReason": null, "cancelCode": null, "cancelledReason": null, "cancelRequested": false,
"cancelRequestedCode": null, "expectedCost": null, "consumerPrice": null, "retailPrice": null, "unitOfMeasure": null, "weight": null,
"weightUnits": null, "color": null, "size": null, "personalization": null, "giftFlag": false, "giftMessage": null,
"warehouseCode": null, "shipByDate": null, "cancelAfterDate": null, "retailerItemIds": [], "activity": []}`

const blankShipOrder = `{
"orderId": null, "orderNumber": null, "orderKey": null, "orderDate": null, "createDate": null, "modifyDate": null, "paymentDate": null,
"shipByDate": null, "orderStatus": null, "customerId": null, "customerUsername": null, "customerEmail": null, "billTo": null,
"shipTo": null, "items": [], "orderTotal": 0.0, "amountPaid": 0.0, "taxAmount": 0.0, "shippingAmount": 0.0, "customerNotes": null,
"internalNotes": null, "gift": false, "giftMessage": null, "paymentMethod": null, "requestedShippingService": null,
"carrierCode": null, "serviceCode": null, "packageCode": null, "confirmation": "none", "shipDate": null, "holdUntilDate": null,
"weight": {"value": 0.0, "units": "ounces", "WeightUnits": 1}, "dimensions": null,
"insuranceOptions": {"provider": null, "insureShipment": false, "insuredValue": 0.0},
"internationalOptions": {"contents": null, "customsItems": null, "nonDelivery": null},
"advancedOptions": {"warehouseId": 30117, "nonMachinable": false, "saturdayDelivery": false, "containsAlcohol": false,
  "mergedOrSplit": false, "mergedIds": [], "parentId": null, "storeId": null, "customField1": null, "customField2": null,
  "customField3": null, "source": null, "billToParty": null, "billToAccount": null, "billToPostalCode": null,
  "billToCountryCode": null, "billToMyOtherAccount": null},
"tagIds": null, "userId": null, "externallyFulfilled": false, "externallyFulfilledBy": null, "externallyFulfilledById": null,
"externallyFulfilledByName": null, "labelMessages": null}`

const blankShipItem = `{
"orderItemId": null, "lineItemKey": null, "sku": null, "name": null, "imageUrl": null, "weight": null, "quantity": 0,
"unitPrice": null, "taxAmount": null, "shippingAmount": null, "warehouseLocation": null, "options": [], "productId": null,
"fulfillmentSku": null, "adjustment": false, "upc": null, "createDate": null, "modifyDate": null}`

const blankShipAddress = `{
"name": null, "company": null, "street1": null, "street2": null, "street3": null, "city": null, "state": null, "postalCode": null,
"country": null, "phone": null, "residential": null, "addressVerified": null}`

const blankShipment = `{
"shipmentId": null, "orderId": null, "orderKey": null, "userId": null, "customerEmail": null, "orderNumber": null, "createDate": null,
"shipDate": null, "shipmentCost": 9.62, "insuranceCost": 0.0, "trackingNumber": null, "isReturnLabel": false, "batchNumber": null,
"carrierCode": "stamps_com", "serviceCode": "usps_ground_advantage", "packageCode": "package", "confirmation": "none",
"warehouseId": null, "voided": false, "voidDate": null, "marketplaceNotified": false, "notifyErrorMessage": null, "shipTo": null,
"weight": {"value": 38.0, "units": "ounces", "WeightUnits": 1}, "dimensions": null,
"insuranceOptions": {"provider": null, "insureShipment": false, "insuredValue": 0.0}, "advancedOptions": null, "shipmentItems": null,
"labelData": null, "formData": null}`

const blankFulfillment = `{
"fulfillmentId": null, "orderId": null, "orderNumber": null, "userId": null, "customerEmail": null, "trackingNumber": null,
"createDate": null, "shipDate": null, "voidDate": null, "deliveryDate": null, "carrierCode": "USPS", "sellerFillProviderId": null,
"sellerFillProviderName": null, "fulfillmentProviderCode": null, "fulfillmentServiceCode": null, "fulfillmentFee": 0.0,
"voidRequested": false, "voided": false, "marketplaceNotified": false, "notifyErrorMessage": null, "shipTo": null}`
